import { createHash, createHmac } from "node:crypto";
import type { UpstreamAuth } from "../../upstream-configuration.ts";
import { AttemptFailure } from "../failure.ts";
import type { HttpRequest } from "../http/exchange.ts";
import type { CompleteSurroundings } from "../surroundings.ts";
import type { Credentials } from "./credentials.ts";

/** What AWS requests are signed with. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

type Sign = (request: HttpRequest) => Promise<Readonly<Record<string, string>>>;

/** Signature Version 4, for upstreams behind API Gateway, Lambda, VPC Lattice or Bedrock AgentCore. The AWS SDK is loaded with the first request. */
export function sigv4(
  auth: Extract<UpstreamAuth, { mode: "sigv4" }>,
  surroundings: CompleteSurroundings,
): Credentials {
  let signer: Promise<Sign> | undefined;
  return {
    perCaller: false,
    identity: () => "",
    headers: async (request) => {
      try {
        signer ??= createSigner(auth, surroundings);
        return await (
          await signer
        )(request);
      } catch (cause) {
        signer = undefined;
        surroundings.log.error({ err: cause }, "a request could not be signed");
        throw new AttemptFailure(
          "cannot be asked, since the gateway's request could not be signed",
          {
            reason: "credentials",
            mayHaveRun: false,
            cause,
          },
        );
      }
    },
    // The provider keeps its credentials fresh by itself, and a signature is never used twice.
    refused: () => false,
    close: () => Promise.resolve(),
  };
}

async function createSigner(
  { service, region }: Extract<UpstreamAuth, { mode: "sigv4" }>,
  { awsCredentials, clock }: CompleteSurroundings,
): Promise<Sign> {
  const [{ SignatureV4 }, credentials] = await Promise.all([
    import("@smithy/signature-v4"),
    awsCredentials ??
      import("@aws-sdk/credential-provider-node").then(({ defaultProvider }) => defaultProvider()),
  ]);
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 });
  return async ({ method, path, headers, body }) => {
    const { pathname, searchParams } = new URL(path, "http://path.invalid");
    const query: Record<string, string[]> = {};
    for (const [name, value] of searchParams) (query[name] ??= []).push(value);
    const type = headers["content-type"];
    const typed: Record<string, string> = type === undefined ? {} : { "content-type": type };
    const signed = await signer.sign(
      {
        method,
        protocol: "https:",
        hostname: headers.host ?? "",
        path: pathname,
        query,
        // What identifies the request and must not be changed on its way; the rest may be, by proxies.
        headers: { host: headers.host ?? "", ...typed },
        ...(body === undefined ? {} : { body }),
      },
      { signingDate: new Date(clock.now()) },
    );
    return Object.fromEntries(
      Object.entries(signed.headers).filter(([name]) => headers[name] === undefined),
    );
  };
}

type Hashing = ReturnType<typeof createHash> | ReturnType<typeof createHmac>;

/** The hash that the signer asks for, from Node's own. */
class Sha256 {
  readonly #secret: string | Uint8Array | undefined;
  #hash: Hashing;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#secret = secret === undefined || typeof secret === "string" ? secret : bytes(secret);
    this.#hash = this.#start();
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(typeof data === "string" ? data : bytes(data));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.#hash.digest()));
  }

  reset(): void {
    this.#hash = this.#start();
  }

  #start(): Hashing {
    return this.#secret === undefined ? createHash("sha256") : createHmac("sha256", this.#secret);
  }
}

function bytes(data: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
