import { z } from "zod";
import { LocalError, type GraphResource } from "../graph/graph.ts";
import { inputsOf } from "../graph/inputs.ts";
import type { ResourceServer } from "./user-pool.ts";

const resourceServerInputs = z.object({
  identifier: z.string(),
  name: z.string().optional(),
  scopes: z.array(z.object({ scopeName: z.string(), scopeDescription: z.string() })).default([]),
});

const MAX_SCOPES = 100;

/** @throws {LocalError} where Cognito would refuse the resource server. */
export function readResourceServer(resource: GraphResource): ResourceServer {
  const { identifier, name, scopes } = inputsOf(resource, resourceServerInputs);
  const whose = `The ResourceServer \`${resource.name}\``;
  if (!/^[\x21\x23-\x5B\x5D-\x7E]{1,256}$/u.test(identifier)) {
    throw new LocalError(
      `${whose} has the identifier \`${identifier}\`. Cognito takes 1–256 printable ASCII characters without spaces, \`"\` and \`\\\`.`,
    );
  }
  if (name !== undefined && !/^[\w\s+=,.@-]{1,256}$/u.test(name)) {
    throw new LocalError(
      `${whose} has the name \`${name}\`. Cognito takes 1–256 letters, digits, spaces and \`_+=,.@-\`; an address belongs into \`identifier\`.`,
    );
  }
  if (scopes.length > MAX_SCOPES) {
    throw new LocalError(
      `${whose} has ${scopes.length} scopes; Cognito takes ${MAX_SCOPES}. Declare fewer.`,
    );
  }
  for (const { scopeName, scopeDescription } of scopes) {
    if (!/^[\x21\x23-\x2E\x30-\x5B\x5D-\x7E]{1,256}$/u.test(scopeName)) {
      throw new LocalError(
        `${whose} has the scope \`${scopeName}\`. Cognito takes 1–256 printable ASCII characters without spaces, \`"\`, \`\\\` and \`/\`: tokens name the` +
          " scope `<identifier>/<scope>`.",
      );
    }
    if (scopeDescription.length < 1 || scopeDescription.length > 256) {
      throw new LocalError(
        `${whose} describes the scope \`${scopeName}\` in ${scopeDescription.length} characters. Cognito takes 1–256.`,
      );
    }
  }
  const scopeNames = scopes.map(({ scopeName }) => scopeName);
  const twice = scopeNames.find((scopeName, index) => scopeNames.indexOf(scopeName) !== index);
  if (twice !== undefined) {
    throw new LocalError(`${whose} has the scope \`${twice}\` twice. Declare it once.`);
  }
  return { identifier, scopeNames };
}
