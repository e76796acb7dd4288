import { isParameter } from "../task/roles.ts";
import { ArgumentError } from "../validation.ts";

/** What the tasks of a platform reach. */
export interface Reach {
  readonly hasInternetAccess: boolean;
  /** Short names of the AWS services that have endpoints. */
  readonly interfaceEndpoints: readonly string[];
}

/** What a service does that takes an AWS service of its own. */
interface Uses {
  readonly enableExecuteCommand: boolean;
  readonly traceSamplePercent: number;
}

/** Refuses what a service does by AWS services that its tasks do not reach. */
export function checkServicesReachable(component: string, reach: Reach, uses: Uses): void {
  if (uses.enableExecuteCommand) {
    checkReachable(component, reach, "ssmmessages", {
      given: "`enableExecuteCommand` is true",
      purpose: "through which sessions run",
      otherwise: "leave `enableExecuteCommand` out",
    });
  }
  if (uses.traceSamplePercent === 0) return;
  checkReachable(component, reach, "xray", {
    given: `\`traceSamplePercent\` is ${uses.traceSamplePercent}`,
    purpose: "to which the collector sends traces",
    otherwise: "set `traceSamplePercent` to 0",
  });
}

/**
 * Refuses SSM parameters that ECS could not read.
 *
 * @param argument that has them.
 * @param secrets environment variable to ARN.
 */
export function checkParametersReachable(
  component: string,
  reach: Reach,
  argument: string,
  secrets: Readonly<Record<string, string>>,
): void {
  for (const [name, arn] of Object.entries(secrets)) {
    if (!isParameter(arn)) continue;
    checkReachable(component, reach, "ssm", {
      given: `\`${argument}.${name}\` is an SSM parameter`,
      purpose: "from which ECS reads it",
      otherwise: "put the value into Secrets Manager",
    });
  }
}

/** Refuses a gateway that could not read its upstreams. */
export function checkParameterStoreReachable(component: string, reach: Reach): void {
  checkReachable(component, reach, "ssm", {
    given: "the gateway reads its upstreams from Parameter Store",
    purpose: "where they are",
    otherwise: "run it on a platform that has them",
  });
}

function checkReachable(
  component: string,
  reach: Reach,
  service: string,
  need: { readonly given: string; readonly purpose: string; readonly otherwise: string },
): void {
  if (reach.hasInternetAccess || reach.interfaceEndpoints.includes(service)) return;
  throw new ArgumentError(
    component,
    `${need.given}, but the platform's \`natGateways\` is \`none\`, and it has no endpoint for \`${service}\`, ${need.purpose}. Add \`${service}\` to the` +
      ` platform's \`interfaceEndpoints\`, or give it NAT gateways, or ${need.otherwise}.`,
  );
}
