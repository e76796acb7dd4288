import type { DirectRouting } from "./direct-routing.ts";
import type { Auth } from "../identity/identity.ts";
import { AuthMode, authMode } from "../identity/identity.ts";
import { checkRuleHostName } from "../ingress/host-name.ts";
import { checkPath, DEFAULT_PATH } from "../ingress/routing.ts";
import { ArgumentError, hostName as isHostName } from "../validation.ts";

/** What a prefix may be (service/servers/gateway/upstream-configuration.ts). */
const PREFIX = /^[A-Za-z0-9][\w-]{0,30}$/u;

/** Refuses a service that could not answer as the gateway would, or not at the gateway's address. */
export function checkDirectRouting(
  component: string,
  routing: DirectRouting | undefined,
  service: {
    readonly auth: Auth | undefined;
    readonly path: string;
    readonly hasPlatform: boolean;
    readonly discoverable: boolean | undefined;
  },
): void {
  if (routing === undefined) return;
  const { prefix, path = DEFAULT_PATH, hostName } = routing;
  if (!PREFIX.test(prefix)) {
    throw new ArgumentError(
      component,
      `\`directRouting.prefix\` is \`${prefix}\`; give a letter or digit and up to 30 more letters, digits, \`_\` and \`-\`: what the gateway puts before the names of the` +
        " service's tools.",
    );
  }
  checkPath(component, path);
  if (path.toLowerCase() === service.path.toLowerCase()) {
    throw new ArgumentError(
      component,
      `\`directRouting.path\` is \`${path}\`, as the service's own \`path\`: the container could not tell the gateway's callers from its own. Give the service another` +
        " `path`.",
    );
  }
  if (hostName !== undefined) {
    isHostName(component, "directRouting.hostName")(hostName);
    checkRuleHostName(component, hostName);
  }
  if (!service.hasPlatform || service.discoverable !== true) {
    throw new ArgumentError(
      component,
      "`directRouting` is given, but the service cannot stand behind a gateway. Give it the gateway's `platform`, and set `discoverable` to true.",
    );
  }
  if (authMode(service.auth) !== AuthMode.StaticToken) return;
  throw new ArgumentError(
    component,
    "`directRouting` is given, but `auth.mode` is `static-token`: gateway and service each have a token of their own, and one call could not carry both. Set both" +
      " modes to `cognito` or `oidc`, or leave `directRouting` out.",
  );
}
