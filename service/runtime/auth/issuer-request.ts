import type { OidcConfiguration } from "./configuration.ts";

/** How the issuer is asked. */
export interface IssuerRequest {
  readonly fetch: typeof globalThis.fetch;
  /** Aborts what is still under way when the server ends. */
  readonly signal: AbortSignal;
}

/** Two tries, below what balancers and clients wait for an answer of ours. */
const TIMEOUT_MILLISECONDS = 5000;

/** Key sets take some kilobytes (an Application Load Balancer refuses more than 150 KB): no true answer is longer. */
const MAX_DOCUMENT_BYTES = 512 * 1024;

/** The issuer did not give what it was asked for. */
export class IssuerError extends Error {
  override readonly name = "IssuerError";
}

/**
 * Fetches one of the issuer's documents; once more, at once, where the connection fails.
 *
 * @returns undefined where the issuer has no such document.
 * @throws {IssuerError} that names the address and says what came instead.
 */
export async function fetchDocument(
  address: string,
  request: IssuerRequest,
): Promise<ArrayBuffer | undefined> {
  try {
    return await attempt(address, request);
  } catch (error) {
    if (error instanceof IssuerError || request.signal.aborted) throw error;
    return attempt(address, request).catch((cause: unknown) => {
      throw new IssuerError(`The issuer gave no answer at ${address}.`, { cause });
    });
  }
}

async function attempt(
  address: string,
  { fetch, signal }: IssuerRequest,
): Promise<ArrayBuffer | undefined> {
  const response = await fetch(address, {
    headers: { accept: "application/json" },
    // Elsewhere is not the issuer: the configuration names the address that is trusted.
    redirect: "error",
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MILLISECONDS)]),
  });
  if (response.status === 200) return readAll(response, address);
  await response.body?.cancel();
  if (response.status === 404) return undefined;
  throw new IssuerError(`The issuer answered ${response.status} at ${address}.`);
}

async function readAll(response: Response, address: string): Promise<ArrayBuffer> {
  const body: AsyncIterable<Uint8Array<ArrayBuffer>> | null = response.body;
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > MAX_DOCUMENT_BYTES) {
      throw new IssuerError(
        `The issuer's answer at ${address} is longer than ${MAX_DOCUMENT_BYTES} bytes.`,
      );
    }
    chunks.push(chunk);
  }
  return new Blob(chunks).arrayBuffer();
}

/** Where the issuer describes itself: OpenID Connect Discovery 1.0, 4, then RFC 8414, 3, for servers of OAuth alone. */
export function discoveryAddresses({ issuer }: Pick<OidcConfiguration, "issuer">): string[] {
  const url = new URL(issuer);
  const path = url.pathname.replace(/\/$/u, "");
  return [
    `${url.origin}${path}/.well-known/openid-configuration`,
    `${url.origin}/.well-known/oauth-authorization-server${path}`,
  ];
}
