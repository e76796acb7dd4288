import type { CacheHint } from "@modelcontextprotocol/server";
import type { CallContext } from "./context.ts";
import type { InputRequired } from "./input-required.ts";

/** What reading a resource gives: text, bytes, or several parts with addresses and types of their own. */
export type ResourceContent = string | Uint8Array | readonly ResourcePart[];

/** One part of what reading a resource gives. */
export interface ResourcePart {
  /** Default: the address that was read. */
  readonly uri?: string;
  /** Default: the resource's own. */
  readonly mimeType?: string;
  readonly content: string | Uint8Array;
}

/** What resources and templates say of themselves. */
interface ResourceDescription {
  /** Unique among the server's resources, or its templates. */
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  /** Default: `text/plain` for text and `application/octet-stream` for bytes. */
  readonly mimeType?: string;
  /** The scopes that a caller's token needs to read it. Default: none. */
  readonly scopes?: readonly string[];
  /** For how long, and by whom, what was read may be kept. Default: not at all. */
  readonly cache?: CacheHint;
}

/** A resource with one address. */
export interface Resource extends ResourceDescription {
  /** An absolute URI, such as `docs://guide`. */
  readonly uri: string;
  read(
    context: CallContext,
  ): ResourceContent | InputRequired | Promise<ResourceContent | InputRequired>;
}

/** Resources whose addresses follow a pattern. */
export interface ResourceTemplate extends ResourceDescription {
  /** An RFC 6570 template, such as `docs://{language}/guide`. */
  readonly uriTemplate: string;
  /** What may stand for each variable, given what the user has typed and the variables chosen so far. */
  readonly complete?: Readonly<Record<string, Completer>>;
  /** The resources to list. Default: none, the template alone is listed. */
  list?(context: CallContext): readonly ListedResource[] | Promise<readonly ListedResource[]>;
  /**
   * Reads one. Throw a {@link ResourceNotFound} where there is none.
   *
   * @param variables as matched in the address.
   */
  read(
    variables: Readonly<Record<string, string | string[]>>,
    context: CallContext & { readonly uri: string },
  ): ResourceContent | InputRequired | Promise<ResourceContent | InputRequired>;
}

/** A resource that a template lists. */
export interface ListedResource {
  readonly uri: string;
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
}

/** Suggests values; the client gets 100 of them at most. */
export type Completer = (
  typed: string,
  chosen: Readonly<Record<string, string>>,
  context: CallContext,
) => readonly string[] | Promise<readonly string[]>;

/** There is no such resource; the client gets -32602 with the address. */
export class ResourceNotFound extends Error {
  override readonly name = "ResourceNotFound";
}
