import { z } from "zod";
import type { Graph, GraphResource } from "../graph/graph.ts";
import { inputsOf } from "../graph/inputs.ts";
import { refused } from "./user-pool-client.ts";
import { STANDARD_SCOPES, type ResourceServer, type UserPoolClient } from "./user-pool.ts";

const signInInputs = z.object({ supportedIdentityProviders: z.array(z.string()).default([]) });

/**
 * Checks that every scope exists by the time the client is made.
 *
 * @param isWhole whether the program declares the pool, so that it has no other resource servers.
 * @throws {LocalError} where Cognito would find a scope missing.
 */
export function checkScopes(
  graph: Graph,
  resource: GraphResource,
  { scopes }: UserPoolClient,
  resourceServers: readonly (ResourceServer & { readonly resource: GraphResource })[],
  isWhole: boolean,
): void {
  for (const scope of scopes.filter((name) => !STANDARD_SCOPES.includes(name))) {
    const owner = resourceServers.find(({ identifier, scopeNames }) =>
      scopeNames.some((name) => scope === `${identifier}/${name}`),
    );
    if (owner === undefined) {
      if (!isWhole && scope.includes("/")) continue;
      throw refused(
        resource,
        `has the scope \`${scope}\`, which no resource server of its pool has. Declare it in an \`aws.cognito.ResourceServer\`, or leave it out.`,
      );
    }
    if (!dependsOn(graph, resource, owner.resource.urn)) {
      throw refused(
        resource,
        `has the scope \`${scope}\` but does not depend on the ResourceServer \`${owner.resource.name}\`: made before it, Cognito would refuse the` +
          " scope. Add it to `dependsOn`, or take the scope from its `scopeIdentifiers`.",
      );
    }
  }
}

/**
 * Checks what the sign-in page takes beside the client itself.
 *
 * @throws {LocalError} where people would see an error instead of that page.
 */
export function checkSignIn(
  resource: GraphResource,
  { needsBranding }: { readonly needsBranding: boolean },
): void {
  if (inputsOf(resource, signInInputs).supportedIdentityProviders.length === 0) {
    throw refused(
      resource,
      'has the flow `code` and no identity provider: nobody could sign in. Set `supportedIdentityProviders: ["COGNITO"]` for the users of the pool.',
    );
  }
  if (!needsBranding) return;
  throw refused(
    resource,
    "has the flow `code` and no ManagedLoginBranding, while its domain has version 2 of the managed login: people would see an error instead of" +
      " the sign-in page. Declare an `aws.cognito.ManagedLoginBranding` for it.",
  );
}

function dependsOn(graph: Graph, resource: GraphResource, urn: string): boolean {
  const seen = new Set<string>();
  const reach = (current: GraphResource): boolean =>
    current.dependencies.some((dependency) => {
      if (dependency === urn) return true;
      if (seen.has(dependency)) return false;
      seen.add(dependency);
      const next = graph.resources.find((candidate) => candidate.urn === dependency);
      return next !== undefined && reach(next);
    });
  return reach(resource);
}
