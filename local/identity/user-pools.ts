import { z } from "zod";
import { LocalError, type Graph, type GraphResource } from "../graph/graph.ts";
import { inputsOf } from "../graph/inputs.ts";
import { checkScopes, checkSignIn } from "./client-references.ts";
import { readResourceServer } from "./resource-server.ts";
import { readUserPoolClient } from "./user-pool-client.ts";
import { readUserPoolDomain } from "./user-pool-domain.ts";
import { OAuthFlow, userPoolEndpoint, type UserPool } from "./user-pool.ts";

const USER_POOL = "aws:cognito/userPool:UserPool";
const USER_POOL_DOMAIN = "aws:cognito/userPoolDomain:UserPoolDomain";
const RESOURCE_SERVER = "aws:cognito/resourceServer:ResourceServer";
const USER_POOL_CLIENT = "aws:cognito/userPoolClient:UserPoolClient";
const MANAGED_LOGIN_BRANDING = "aws:cognito/managedLoginBranding:ManagedLoginBranding";

const poolInputs = z.object({
  userPoolTier: z.enum(["LITE", "ESSENTIALS", "PLUS"]).default("ESSENTIALS"),
});

const partInputs = z.object({ userPoolId: z.string() });

const brandingInputs = z.object({ clientId: z.string() });

/**
 * The user pools of a program, those that it only adds to included.
 *
 * @throws {LocalError} that names the resource and what Cognito would refuse, or accept and never serve.
 */
export function readUserPools(graph: Graph): readonly UserPool[] {
  const pools = poolIds(graph).map((id) => readUserPool(graph, id));
  checkDomains(pools);
  return pools;
}

/** Those that are declared, then those that exist already. */
function poolIds(graph: Graph): readonly string[] {
  const declared = graph.resources.filter(({ type }) => type === USER_POOL).map(({ id }) => id);
  const used = graph.resources
    .filter(({ type }) => [USER_POOL_DOMAIN, RESOURCE_SERVER, USER_POOL_CLIENT].includes(type))
    .map((resource) => inputsOf(resource, partInputs).userPoolId);
  return [...new Set([...declared, ...used])];
}

function readUserPool(graph: Graph, id: string): UserPool {
  const declared = graph.resources.find(
    (resource) => resource.type === USER_POOL && resource.id === id,
  );
  if (declared === undefined) checkExisting(graph, id);
  const parts = (type: string): readonly GraphResource[] =>
    graph.resources.filter(
      (resource) => resource.type === type && inputsOf(resource, partInputs).userPoolId === id,
    );
  const domains = parts(USER_POOL_DOMAIN).map((resource) => ({
    resource,
    ...readUserPoolDomain(resource, id),
  }));
  const resourceServers = parts(RESOURCE_SERVER).map((resource) => ({
    resource,
    ...readResourceServer(resource),
  }));
  const clients = parts(USER_POOL_CLIENT).map((resource) => {
    const client = readUserPoolClient(resource);
    checkScopes(graph, resource, client, resourceServers, declared !== undefined);
    const isBranded = hasBranding(graph, client.id);
    if (client.flows.includes(OAuthFlow.Code)) {
      const usesManagedLogin = domains.some(({ managedLoginVersion }) => managedLoginVersion === 2);
      checkSignIn(resource, { needsBranding: usesManagedLogin && !isBranded });
    }
    return client;
  });
  const [asking] = clients.filter(({ flows }) => flows.length > 0);
  if (declared !== undefined && domains.length === 0 && asking !== undefined) {
    throw new LocalError(
      `The UserPool \`${declared.name}\` has no UserPoolDomain, so that it has no address where the UserPoolClient \`${asking.name}\` could ask` +
        " for tokens. Declare an `aws.cognito.UserPoolDomain` of that pool.",
    );
  }
  return {
    id,
    name: declared?.name,
    issuer: `https://${userPoolEndpoint(id)}`,
    bindsResources:
      declared === undefined || inputsOf(declared, poolInputs).userPoolTier !== "LITE",
    domains: domains.map(({ domain, origin }) => ({ domain, origin })),
    resourceServers: resourceServers.map(({ identifier, scopeNames }) => ({
      identifier,
      scopeNames,
    })),
    clients,
  };
}

/** An id that no pool can have is a mistake in a reference; Cognito would not find the pool. */
function checkExisting(graph: Graph, id: string): void {
  if (/^[\w-]+_[0-9a-zA-Z]+$/u.test(id)) return;
  const user = graph.resources.find(
    (resource) => resource.type.startsWith("aws:cognito/") && resource.inputs["userPoolId"] === id,
  );
  throw new LocalError(
    `The ${user?.type.split(":").at(-1) ?? "resource"} \`${user?.name ?? ""}\` is for the user pool \`${id}\`, which is no id of one. Give it the \`id\` of an` +
      " `aws.cognito.UserPool`, such as `eu-central-1_Ab12Cd34E`.",
  );
}

function hasBranding(graph: Graph, clientId: string): boolean {
  return graph.resources.some(
    (resource) =>
      resource.type === MANAGED_LOGIN_BRANDING &&
      inputsOf(resource, brandingInputs).clientId === clientId,
  );
}

/** A prefix is unique in its region, over all accounts; a pool has one prefix and one domain of its own at most. */
function checkDomains(pools: readonly UserPool[]): void {
  const taken = new Set<string>();
  for (const pool of pools) {
    const prefixes = pool.domains.filter(({ domain }) => !domain.includes("."));
    const own = pool.domains.filter(({ domain }) => domain.includes("."));
    if (prefixes.length > 1 || own.length > 1) {
      const several = (prefixes.length > 1 ? prefixes : own).map(({ domain }) => `\`${domain}\``);
      throw new LocalError(
        `The user pool \`${pool.name ?? pool.id}\` has the domains ${several.join(" and ")}; Cognito gives a pool one prefix and one domain of its` +
          " own at most. Declare one `aws.cognito.UserPoolDomain` of each kind.",
      );
    }
    for (const { domain, origin } of pool.domains) {
      if (taken.has(origin)) {
        throw new LocalError(
          `Two user pools have the domain \`${domain}\`, which Cognito gives once in a region. Give every pool a prefix of its own.`,
        );
      }
      taken.add(origin);
    }
  }
}
