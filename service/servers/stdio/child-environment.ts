import { ConfigurationError } from "../../runtime/configuration-error.ts";
import type { Environment } from "../../runtime/environment.ts";

/** What programs of most languages expect to have; none of it is secret. */
const ALWAYS = [
  "PATH",
  "HOME",
  "USER",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "TZ",
  "TMPDIR",
  "NODE_ENV",
] as const;

/** Python holds back what it writes to a pipe otherwise, log lines included. */
const DEFAULTS = { PYTHONUNBUFFERED: "1" };

/** What proves who this process is, or who may call it; a child with these could take its place. `*` at the end: whatever follows. */
const OWN = [
  "AWS_CONTAINER_CREDENTIALS_*",
  "AWS_CONTAINER_AUTHORIZATION_*",
  "ECS_CONTAINER_METADATA*",
  "ECS_AGENT_URI",
  "AUTH_*",
  "MCP_STATE_KEY",
  "OTEL_*",
] as const;

/** Shorter values, such as `true`, would blot out half of a log, and are hardly secret. */
const SHORTEST_SECRET = 6;

/** What a child gets. */
export interface ChildEnvironment {
  readonly variables: Readonly<Record<string, string>>;
  /** The values that were handed on by name, longest first: what logs must not have. Of values with several lines, each line. */
  readonly secrets: readonly string[];
  /** Names that were to be handed on, and are not set. */
  readonly missing: readonly string[];
}

/**
 * Makes the environment of a child: what every program needs, and what was named.
 *
 * @throws {ConfigurationError} that names a variable which is the wrapper's alone.
 */
export function childEnvironment(
  environment: Environment,
  handedOn: readonly string[],
): ChildEnvironment {
  const own = handedOn.find(isOwn);
  if (own !== undefined) {
    throw new ConfigurationError(
      `\`STDIO_ENVIRONMENT\` names \`${own}\`, which is this process's own and never handed on: ${OWN.join(", ")}. If the server needs credentials, give it` +
        " some of its own by another name.",
    );
  }
  const values = (names: readonly string[]): Record<string, string> =>
    Object.fromEntries(
      names.flatMap((name) => {
        const value = environment[name];
        return value === undefined ? [] : [[name, value]];
      }),
    );
  const named = values(handedOn);
  return {
    variables: { ...DEFAULTS, ...values(ALWAYS), ...named },
    secrets: secretsOf(Object.values(named)),
    missing: handedOn.filter((name) => !(name in named)),
  };
}

function isOwn(name: string): boolean {
  const upper = name.toUpperCase();
  return OWN.some((own) =>
    own.endsWith("*") ? upper.startsWith(own.slice(0, -1)) : upper === own,
  );
}

function secretsOf(values: readonly string[]): readonly string[] {
  const lines = values
    .flatMap((value) => [value, ...value.split("\n")])
    .map((value) => value.trim())
    .filter(({ length }) => length >= SHORTEST_SECRET);
  return [...new Set(lines)].sort((left, right) => right.length - left.length);
}

/** A function that takes secrets out of a text. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  return (text) => secrets.reduce((rest, secret) => rest.replaceAll(secret, "[redacted]"), text);
}
