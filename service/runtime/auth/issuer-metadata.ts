import { z } from "zod";
import type { Logger } from "../log.ts";
import { isSafeAddress } from "./configuration.ts";
import {
  discoveryAddresses,
  fetchDocument,
  IssuerError,
  type IssuerRequest,
} from "./issuer-request.ts";

/** What the issuer says of itself, as far as this server reads it; the rest is passed on. */
const schema = z.looseObject({
  issuer: z.string(),
  jwks_uri: z.string().optional(),
  code_challenge_methods_supported: z.array(z.string()).optional(),
});

export type IssuerMetadata = z.output<typeof schema>;

/** Endpoints hardly ever move, and a document that is out of date is better than none. */
const MAX_AGE_MILLISECONDS = 3_600_000;

/** An issuer that does not answer is not asked more often than this, whoever wants to know. */
export const RETRY_SECONDS = 10;

/** The issuer's discovery document: fetched when it is first needed, kept for an hour, and longer while the issuer is out of reach. */
export class IssuerMetadataCache {
  readonly #issuer: string;
  readonly #request: IssuerRequest;
  readonly #log: Logger;
  #document: IssuerMetadata | undefined;
  #error: unknown;
  #due = -Infinity;
  #loading: Promise<IssuerMetadata> | undefined;

  constructor(issuer: string, request: IssuerRequest, log: Logger) {
    this.#issuer = issuer;
    this.#request = request;
    this.#log = log;
  }

  /** @throws {IssuerError} where there is no document yet, and the issuer does not give one. */
  async get(): Promise<IssuerMetadata> {
    if (Date.now() >= this.#due) this.#loading ??= this.#load();
    if (this.#document !== undefined) {
      // What is out of date is replaced behind the caller's back; a failure is kept below.
      this.#loading?.catch(() => undefined);
      return this.#document;
    }
    if (this.#loading !== undefined) return this.#loading;
    throw this.#error;
  }

  async #load(): Promise<IssuerMetadata> {
    try {
      this.#document = await this.#fetch();
      this.#due = Date.now() + MAX_AGE_MILLISECONDS;
      this.#error = undefined;
      return this.#document;
    } catch (error) {
      if (this.#error === undefined && !this.#request.signal.aborted) {
        this.#log.warn(
          { err: error, issuer: this.#issuer, kept: this.#document !== undefined },
          "issuer metadata unavailable",
        );
      }
      this.#error = error;
      this.#due = Date.now() + RETRY_SECONDS * 1000;
      throw error;
    } finally {
      this.#loading = undefined;
    }
  }

  async #fetch(): Promise<IssuerMetadata> {
    const addresses = discoveryAddresses({ issuer: this.#issuer });
    for (const address of addresses) {
      const bytes = await fetchDocument(address, this.#request);
      if (bytes !== undefined) return this.#parse(bytes, address);
    }
    throw new IssuerError(
      `The issuer has no discovery document, neither at ${addresses.join(" nor at ")}. Set \`AUTH_JWKS_URI\` to the address of its keys.`,
    );
  }

  #parse(bytes: ArrayBuffer, address: string): IssuerMetadata {
    const parsed = schema.safeParse(parseJson(bytes));
    if (!parsed.success) {
      throw new IssuerError(`What the issuer gives at ${address} is no discovery document.`);
    }
    // Otherwise one tenant of a shared host could speak for another (OpenID Connect Discovery 1.0, 4.3).
    if (parsed.data.issuer !== this.#issuer) {
      throw new IssuerError(
        `The document at ${address} is that of \`${parsed.data.issuer}\`, not of \`AUTH_ISSUER\` (\`${this.#issuer}\`): they must be equal to the letter.`,
      );
    }
    return parsed.data;
  }
}

/**
 * Where the keys of an issuer are.
 *
 * @throws {IssuerError} where the document does not say, or names a place that cannot be trusted.
 */
export function jwksUriOf({ issuer, jwks_uri: uri }: IssuerMetadata): string {
  if (uri !== undefined && isSafeAddress(uri)) return uri;
  throw new IssuerError(
    `The discovery document of \`${issuer}\` names no https address of keys (\`jwks_uri\`: \`${uri ?? ""}\`). Set \`AUTH_JWKS_URI\`.`,
  );
}

function parseJson(bytes: ArrayBuffer): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}
