import { z } from "zod";
import { LocalError, type Graph, type GraphResource } from "../graph/graph.ts";
import { inputsOf } from "../graph/inputs.ts";
import { readStatements, type PolicyStatement } from "./policy-document.ts";

const roleInputs = z.object({
  inlinePolicies: z.array(z.object({ policy: z.string().optional() })).default([]),
});
const rolePolicyInputs = z.object({ role: z.string(), policy: z.unknown() });
const attachmentInputs = z.object({ role: z.string(), policyArn: z.string() });
const policyInputs = z.object({ policy: z.unknown() });

const ROLE = "aws:iam/role:Role";

/** What every role of a program may do, by the role's ARN. */
export function allStatements(graph: Graph): ReadonlyMap<string, readonly PolicyStatement[]> {
  return new Map(
    graph.resources
      .filter(({ type }) => type === ROLE)
      .map(({ outputs }) => String(outputs["arn"]))
      .map((arn) => [arn, roleStatements(graph, arn)]),
  );
}

/**
 * What a role may do: by its policies, and by those of the program that are attached to it. What AWS's own policies allow is not known here: whoever
 * needs it is refused.
 *
 * @throws {LocalError} where a policy is none.
 */
export function roleStatements(graph: Graph, roleArn: string): readonly PolicyStatement[] {
  const role = graph.resources.find(
    ({ type, outputs }) => type === ROLE && outputs["arn"] === roleArn,
  );
  if (role === undefined) return [];
  const isOf = (name: string): boolean => name === role.id || name === roleArn;
  const all = (type: string): readonly GraphResource[] =>
    graph.resources.filter((resource) => resource.type === type);
  const attached = all("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    .map((resource) => inputsOf(resource, attachmentInputs))
    .filter((attachment) => isOf(attachment.role))
    .map(({ policyArn }) => policyArn);
  return [
    ...inputsOf(role, roleInputs).inlinePolicies.flatMap(({ policy }) => statements(role, policy)),
    ...all("aws:iam/rolePolicy:RolePolicy")
      .map((resource) => ({ resource, inputs: inputsOf(resource, rolePolicyInputs) }))
      .filter(({ inputs }) => isOf(inputs.role))
      .flatMap(({ resource, inputs }) => statements(resource, inputs.policy)),
    ...all("aws:iam/policy:Policy")
      .filter(({ id }) => attached.includes(id))
      .flatMap((resource) => statements(resource, inputsOf(resource, policyInputs).policy)),
  ];
}

function statements(resource: GraphResource, policy: unknown): readonly PolicyStatement[] {
  const read = readStatements(policy);
  if (read !== undefined) return read;
  throw new LocalError(
    `The policy of the ${resource.type.split(":").at(-1) ?? "resource"} \`${resource.name}\` is no policy that IAM would take. Write it as` +
      ' `{ "Version": "2012-10-17", "Statement": [{ "Effect", "Action", "Resource" }] }`.',
  );
}
