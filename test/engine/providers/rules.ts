import type { CloudState, Existing } from "./cloud.ts";

/**
 * What AWS says to a creation or a deletion that comes in the wrong order. From public reports, not from our components: see
 * aws.md (complaints 4, 10, 11) and the ECS and ELB API references.
 */

/** The reason to refuse a creation; undefined where AWS would accept it. */
export function refuseCreate(
  state: CloudState,
  type: string,
  inputs: Record<string, unknown>,
): string | undefined {
  const text = JSON.stringify(inputs);
  switch (type) {
    case "aws:ecs/service:Service": {
      const groups = [...text.matchAll(/"targetGroupArn":"([^"]+)"/gu)].map(([, arn]) => arn ?? "");
      const free = groups.find((arn) => !state.existing.some((each) => isForwarder(each, arn)));
      if (free !== undefined) {
        return `InvalidParameterException: The target group with targetGroupArn ${free} does not have an associated load balancer.`;
      }
      const strategy = JSON.stringify(inputs["capacityProviderStrategies"] ?? []);
      const associated = state.existing.some(
        ({ type: each, inputs: given }) =>
          each === "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders" &&
          String(inputs["cluster"]).endsWith(`/${String(given["clusterName"])}`),
      );
      if (strategy !== "[]" && !associated) {
        return "InvalidParameterException: The specified capacity provider is not associated with the cluster.";
      }
      return missingSecret(state, inputs);
    }
    case "aws:appautoscaling/policy:Policy": {
      const label = /"resourceLabel":"[^"]*\/(targetgroup\/[^"]+)"/u.exec(text)?.[1];
      if (label !== undefined && !state.existing.some((each) => isForwarder(each, label))) {
        return "ValidationException: The load balancer does not route traffic to the target group.";
      }
      return undefined;
    }
    case "aws:lb/listenerRule:ListenerRule": {
      const taken = state.existing.some(
        (each) =>
          each.type === type &&
          each.inputs["listenerArn"] === inputs["listenerArn"] &&
          each.inputs["priority"] === inputs["priority"],
      );
      if (elsewhere(state, inputs)) {
        return "TargetGroupAssociationLimit: The following target groups cannot be associated with more than one load balancer.";
      }
      return taken
        ? `PriorityInUse: Priority '${String(inputs["priority"])}' is currently in use`
        : undefined;
    }
    case "aws:cognito/userPoolClient:UserPoolClient":
      return missingScope(state, inputs);
    case "aws:cognito/userPoolDomain:UserPoolDomain":
      return state.existing.some(
        (each) => each.type === type && each.inputs["domain"] === inputs["domain"],
      )
        ? `InvalidParameterException: Domain already associated with another user pool.`
        : undefined;
    default:
      return undefined;
  }
}

/** A client takes scopes of resource servers that exist (Cognito API, `CreateUserPoolClient`, `ScopeDoesNotExistException`). */
function missingScope(state: CloudState, inputs: Record<string, unknown>): string | undefined {
  const servers = state.existing.filter(
    ({ type }) => type === "aws:cognito/resourceServer:ResourceServer",
  );
  const scope = (inputs["allowedOauthScopes"] as readonly string[]).find(
    (name) =>
      name.includes("/") &&
      !servers.some((each) => name.startsWith(`${String(each.inputs["identifier"])}/`)),
  );
  return scope && `ScopeDoesNotExistException: Invalid scope requested: ${scope}`;
}

/** Whether a rule of another load balancer's listener has the group already. */
function elsewhere(state: CloudState, inputs: Record<string, unknown>): boolean {
  const balancerOf = (arn: unknown): string => String(arn).split("/").slice(1, 4).join("/");
  const groups = [...JSON.stringify(inputs).matchAll(/"targetGroupArn":"([^"]+)"/gu)].map(
    ([, arn]) => arn ?? "",
  );
  return state.existing.some(
    (each) =>
      each.type === "aws:lb/listenerRule:ListenerRule" &&
      balancerOf(each.inputs["listenerArn"]) !== balancerOf(inputs["listenerArn"]) &&
      groups.some((arn) => isForwarder(each, arn)),
  );
}

function isForwarder({ type, inputs }: Existing, targetGroup: string): boolean {
  return (
    ["aws:lb/listenerRule:ListenerRule", "aws:lb/listener:Listener"].includes(type) &&
    JSON.stringify(inputs).includes(targetGroup)
  );
}

/** A task whose secret has no version yet never starts (`ResourceInitializationError`). */
function missingSecret(state: CloudState, service: Record<string, unknown>): string | undefined {
  const task = state.existing.find(({ id }) => id === service["taskDefinition"]);
  const secrets = [
    ...String(task?.inputs["containerDefinitions"]).matchAll(
      /"valueFrom":"(arn:aws:secretsmanager:(?:[^:"]*:){3}[^:"]+)/gu,
    ),
  ];
  for (const [, arn] of secrets) {
    const hasVersion = state.existing.some(
      ({ type, inputs }) =>
        type === "aws:secretsmanager/secretVersion:SecretVersion" && inputs["secretId"] === arn,
    );
    if (!hasVersion) return `ResourceInitializationError: the secret ${arn ?? ""} has no value`;
  }
  return undefined;
}

/** What may go although somebody still names it: AWS keeps no such reference. */
const UNGUARDED = new Set([
  "aws:iam/role:Role",
  "aws:cloudwatch/logGroup:LogGroup",
  "aws:ecr/repository:Repository",
  // Its `arn` is that of what it tells.
  "aws:cloudwatch/eventTarget:EventTarget",
]);

/** The reason to refuse a deletion: something that exists still uses it. */
export function refuseDelete(state: CloudState, doomed: Existing): string | undefined {
  if (doomed.type === "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders") {
    const user = state.existing.find(
      ({ type, inputs }) =>
        type === "aws:ecs/service:Service" &&
        String(inputs["cluster"]).endsWith(`/${String(doomed.inputs["clusterName"])}`),
    );
    return user && `ResourceInUseException: The capacity provider is used by ${user.id}.`;
  }
  if (UNGUARDED.has(doomed.type) || doomed.id.length < 8) return undefined;
  const names = new Set(
    [doomed.id, doomed.outputs["arn"]].filter((name) => typeof name === "string"),
  );
  const user = state.existing.find(
    (each) => each.id !== doomed.id && each.type !== doomed.type && mentions(each.inputs, names),
  );
  return user && `DependencyViolation: ${doomed.id} has a dependent object: ${user.id}.`;
}

function mentions(value: unknown, names: ReadonlySet<unknown>): boolean {
  if (Array.isArray(value)) return value.some((item) => mentions(item, names));
  if (typeof value === "object" && value !== null)
    return Object.values(value).some((item) => mentions(item, names));
  return names.has(value);
}
