/** Who calls, as far as the credential tells. */
export interface Caller {
  /**
   * One name for one caller, for logs and for binding state to its owner: `issuer|subject` of a token, `issuer#client` of one without a
   * subject, or `static-token:` and the beginning of a static token's digest. Never the credential itself.
   */
  readonly id: string;
  /** The `sub` of a token: a user, or the client itself where no user is involved. */
  readonly subject?: string;
  /** The OAuth client that the token was issued to. */
  readonly clientId?: string;
  /** What the token allows; `all` for a static token, which is not limited by scopes. */
  readonly scopes: readonly string[] | "all";
  /** Every claim of the token; empty for a static token. */
  readonly claims: Readonly<Record<string, unknown>>;
}
