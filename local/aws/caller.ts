import { decide, type IamRequest } from "../iam/decide.ts";
import type { PolicyStatement } from "../iam/policy-document.ts";
import { AwsError } from "./aws-error.ts";

/** Who asks: a task, by its role. */
export interface Caller {
  /** The ARN of its ECS service. */
  readonly service: string;
  readonly taskId: string;
  readonly roleArn: string;
}

/**
 * Refuses what the role of the caller may not do.
 *
 * @throws {AwsError}
 */
export function authorize(
  caller: Caller,
  statements: readonly PolicyStatement[],
  request: IamRequest,
): void {
  const decision = decide(statements, request);
  if (decision === "allowed") return;
  const because =
    decision === "explicitly denied"
      ? "with an explicit deny in an identity-based policy"
      : `because no identity-based policy allows the ${request.action} action`;
  throw new AwsError(
    "AccessDeniedException",
    `User: ${userArn(caller)} is not authorized to perform: ${request.action} on resource: ${request.resource} ${because}`,
  );
}

/** The session of a role that a task has taken on. */
function userArn({ roleArn, taskId }: Caller): string {
  const [, , , , account = "", role = ""] = roleArn.split(":");
  return `arn:aws:sts::${account}:assumed-role/${role.split("/").at(-1) ?? ""}/${taskId}`;
}
