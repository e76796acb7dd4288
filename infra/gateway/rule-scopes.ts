import { AuthMode, authMode, type Auth } from "../identity/identity.ts";
import { CALL_SCOPE } from "../identity/resource-server.ts";
import { ArgumentError, check } from "../validation.ts";
import type { UpstreamSettings } from "./upstream-args.ts";

const COMPONENT = "McpGateway";

/** One scope: RFC 6749, 3.3, `scope-token`. */
const SCOPE = /^[\x21\x23-\x5B\x5D-\x7E]+$/u;

/** What decides on the scopes that tokens for a gateway have. */
export interface RuleScopeFacts {
  readonly auth?: Auth;
  readonly serviceSettings?: Readonly<Record<string, UpstreamSettings>>;
  readonly upstreams?: Readonly<Record<string, UpstreamSettings>>;
}

/** Refuses scopes in rules that no token could have: such tools would be there for nobody, and clients would ask in vain for what the gateway's metadata names. */
export function checkRuleScopes({
  auth,
  serviceSettings = {},
  upstreams = {},
}: RuleScopeFacts): void {
  const declared =
    authMode(auth) === AuthMode.Cognito
      ? [CALL_SCOPE, ...Object.keys(auth?.scopes ?? {})]
      : undefined;
  for (const [argument, all] of Object.entries({ serviceSettings, upstreams })) {
    for (const [name, { rules = [] }] of Object.entries(all)) {
      for (const [index, { scopes }] of rules.entries()) {
        const at = `${argument}.${name}.rules[${index}].scopes`;
        check(scopes, (list) => {
          for (const each of list) {
            check(each, (scope) => {
              checkScope(at, scope, declared);
            });
          }
        });
      }
    }
  }
}

function checkScope(at: string, scope: string, declared: readonly string[] | undefined): void {
  if (!SCOPE.test(scope)) {
    throw new ArgumentError(
      COMPONENT,
      `\`${at}\` has \`${scope}\`; give printable ASCII characters without spaces, \`"\` and \`\\\`, one scope in each text.`,
    );
  }
  if (declared === undefined || declared.includes(scope)) return;
  throw new ArgumentError(
    COMPONENT,
    `\`${at}\` has \`${scope}\`, which no token would have: Cognito knows the scopes of \`auth.scopes\` alone. Add it there, or leave it out here.`,
  );
}
