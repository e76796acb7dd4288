import * as pulumi from "@pulumi/pulumi";
import type { ServiceSettings } from "./service-args.ts";
import { ArgumentError, check } from "./validation.ts";

/** The variables that the container contract keeps for the component, each with the argument that it comes from, if any. */
const RESERVED: ReadonlyMap<string, string | undefined> = new Map([
  ["AUTH_MODE", "`auth`"],
  ["AUTH_STATIC_TOKENS", "`auth`"],
  ["CALL_TIMEOUT_SECONDS", "`longestCallSeconds`"],
  ["DRAIN_SECONDS", "`drainSeconds`"],
  ["HOST", undefined],
  ["KEEP_ALIVE_SECONDS", "the platform's `idleTimeoutSeconds`"],
  ["MAX_ONGOING_REQUESTS", "`maxOngoingRequests`"],
  ["MCP_ALLOWED_HOSTS", "`allowedHosts`"],
  ["MCP_ALLOWED_ORIGINS", "`allowedOrigins`"],
  ["MCP_PATH", "`path`"],
  ["MCP_PUBLIC_URL", "the platform's `domainName`"],
  ["MCP_STATE_KEY", undefined],
  ["PORT", "`port`"],
  ["STREAM_KEEP_ALIVE_SECONDS", "the platform's `idleTimeoutSeconds`"],
]);

type Variables = Record<string, string>;

/** By how much a container's idle connections outlive the load balancer's, in seconds: the side that reuses them must close first. */
const KEEP_ALIVE_MARGIN = 15;

/** How many times a stream says something within the load balancer's idle timeout: one word may come late. */
const WORDS_PER_IDLE_TIMEOUT = 3;

/** The longest that a stream says nothing, in seconds: the MCP SDK's own, below the idle timeout of what else may be on the way. */
const LONGEST_STREAM_SILENCE = 15;

/** How often a stream says something when nothing happens, in seconds. */
function streamKeepAlive(idleTimeoutSeconds: number): number {
  const share = Math.floor(idleTimeoutSeconds / WORDS_PER_IDLE_TIMEOUT);
  return Math.min(LONGEST_STREAM_SILENCE, Math.max(1, share));
}

/** What the component tells the container through its environment. */
export function contractEnvironment(
  hosts: {
    readonly allowedHosts?: pulumi.Input<pulumi.Input<string>[]>;
    readonly allowedOrigins?: pulumi.Input<pulumi.Input<string>[]>;
  },
  settings: ServiceSettings,
  idleTimeoutSeconds: pulumi.Input<number>,
  url: pulumi.Input<string>,
): pulumi.Output<Variables> {
  return pulumi
    .output({
      allowedHosts: hosts.allowedHosts ?? [],
      allowedOrigins: hosts.allowedOrigins ?? [],
      drainSeconds: settings.drainSeconds,
      idleTimeoutSeconds,
      longestCallSeconds: settings.longestCallSeconds,
      maxOngoingRequests: settings.maxOngoingRequests,
      port: settings.port,
      url,
    })
    .apply((known): Variables => ({
      AUTH_MODE: settings.authMode,
      CALL_TIMEOUT_SECONDS: String(known.longestCallSeconds),
      DRAIN_SECONDS: String(known.drainSeconds),
      KEEP_ALIVE_SECONDS: String(known.idleTimeoutSeconds + KEEP_ALIVE_MARGIN),
      MAX_ONGOING_REQUESTS: String(known.maxOngoingRequests),
      ...listVariable("MCP_ALLOWED_HOSTS", known.allowedHosts),
      ...listVariable("MCP_ALLOWED_ORIGINS", known.allowedOrigins),
      MCP_PATH: settings.path,
      MCP_PUBLIC_URL: known.url,
      PORT: String(known.port),
      STREAM_KEEP_ALIVE_SECONDS: String(streamKeepAlive(known.idleTimeoutSeconds)),
    }));
}

/** An empty list is not declared at all. */
function listVariable(name: string, values: readonly string[]): Variables {
  return values.length === 0 ? {} : { [name]: values.join(",") };
}

/**
 * The variables of a container: a bundled server's, then the user's, which may replace those, then the contract's, which
 * nobody may replace.
 */
export function mergeEnvironment(
  bundled: Variables,
  given: pulumi.Input<Record<string, pulumi.Input<string>>>,
  contract: pulumi.Input<Record<string, pulumi.Input<string>>>,
): pulumi.Output<Variables> {
  return pulumi
    .all([given, contract])
    .apply(([user, own]): Variables => ({ ...bundled, ...user, ...own }));
}

type Given = pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;

/** Refuses variables that the component sets, that stand in both places, or that would show or miss a secret. */
export function checkVariables(
  component: string,
  environment: Given,
  secrets: Given,
  bundled: Variables,
): void {
  refuseReserved(component, "environment", environment);
  refuseReserved(component, "secrets", secrets);
  refuseSecretValues(component, environment);
  check(environment ?? {}, (plain) => {
    check(secrets, (secret) => {
      const both = Object.keys(secret).filter(
        (name) => Object.hasOwn(plain, name) || Object.hasOwn(bundled, name),
      );
      if (both.length === 0) return;
      throw new ArgumentError(
        component,
        `${both.map((name) => `\`${name}\``).join(", ")} stands in \`secrets\` and in \`environment\` (or among a bundled server's own variables);` +
          " ECS takes each name once. Keep one of them.",
      );
    });
  });
  check(secrets, (all) => {
    for (const [name, valueFrom] of Object.entries(all)) {
      check(valueFrom, (text) => {
        checkValueFrom(component, name, text);
      });
    }
  });
}

function refuseReserved(
  component: string,
  argument: "environment" | "secrets",
  given: Given,
): void {
  check(given, (variables) => {
    const reserved = Object.keys(variables).filter((name) => RESERVED.has(name));
    if (reserved.length === 0) return;
    const sources = [...new Set(reserved.flatMap((name) => RESERVED.get(name) ?? []))];
    throw new ArgumentError(
      component,
      `\`${argument}\` sets ${reserved.map((name) => `\`${name}\``).join(", ")}, which the component sets itself` +
        `${sources.length === 0 ? "" : `, from ${sources.join(", ")}`}. Leave ${reserved.length === 1 ? "it" : "them"} out of \`${argument}\`.`,
    );
  });
}

/** A task definition can be read by everybody who may describe it: a value that Pulumi keeps secret must not get there. */
function refuseSecretValues(component: string, environment: Given): void {
  if (environment === undefined) return;
  const values = pulumi.output(environment);
  pulumi.output(pulumi.isSecret(values)).apply((isSecret) => {
    if (!isSecret) return;
    throw new ArgumentError(
      component,
      "`environment` has a secret value, which would stand in plain text in the task definition. Put it into Secrets Manager or a parameter, and" +
        " name its ARN in `secrets`.",
    );
  });
}

/** A Secrets Manager secret, with key, stage and version or without, or an SSM parameter (ECS guide, "Pass sensitive data"). */
const VALUE_FROM =
  /^arn:[^:\s]+:(?:secretsmanager:[^:\s]+:\d{12}:secret:[^:\s]+(?::[^:\s]*:[^:\s]*:[^:\s]*)?|ssm:[^:\s]+:\d{12}:parameter\/[^:\s]+)$/u;

/** Says nothing of the value: the obvious mistake is to give the secret itself. */
function checkValueFrom(component: string, name: string, valueFrom: string): void {
  if (VALUE_FROM.test(valueFrom)) return;
  throw new ArgumentError(
    component,
    `\`secrets.${name}\` is not the ARN of a secret; give the ARN of a Secrets Manager secret, followed by \`:key::\` for one key of a JSON value, or the` +
      " ARN of an SSM parameter.",
  );
}
