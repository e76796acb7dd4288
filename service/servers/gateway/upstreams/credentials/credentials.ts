import type { HttpRequest } from "../http/exchange.ts";

/** Whom a request is for; undefined parts where it is the gateway's own. */
export interface CredentialContext {
  /** For token exchange alone. */
  readonly callerToken: string | undefined;
}

/** How the gateway proves to one upstream who it is. */
export interface Credentials {
  /** Whether they differ between callers: then the gateway has none of its own. */
  readonly perCaller: boolean;
  /**
   * Requests with the same one may share a session; the empty string where all may.
   *
   * @throws {AttemptFailure} where there are none without a caller.
   */
  identity(context: CredentialContext): string;
  /**
   * The headers that prove it, for this very request.
   *
   * @param request what is sent, `host` among its headers.
   * @throws {AttemptFailure} where there are none.
   */
  headers(
    request: HttpRequest,
    context: CredentialContext,
  ): Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /**
   * The upstream has answered 401 to these headers.
   *
   * @returns whether there may be better ones now, so that the request, which was refused before it ran, is worth sending once more.
   */
  refused(
    headers: Readonly<Record<string, string>>,
    context: CredentialContext,
  ): boolean | Promise<boolean>;
  /** Closes what is open. */
  close(): Promise<void>;
}

const NO_HEADERS = {};

/** For upstreams that do not ask. */
export const noCredentials: Credentials = {
  perCaller: false,
  identity: () => "",
  headers: () => NO_HEADERS,
  refused: () => false,
  close: () => Promise.resolve(),
};
