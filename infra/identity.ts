/** How callers of a service prove who they are. */
export const AuthMode = {
  /** One token for all callers, generated into Secrets Manager. */
  StaticToken: "static-token",
  /** No proof at all: everybody who reaches the load balancer may call. */
  None: "none",
} as const;
export type AuthMode = (typeof AuthMode)[keyof typeof AuthMode];

/** How callers of a service prove who they are. */
export interface Auth {
  /** The kind of proof. */
  mode: AuthMode;
}
