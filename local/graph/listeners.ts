import { z } from "zod";
import { LocalError, type Graph, type GraphResource } from "./graph.ts";
import { inputsOf } from "./inputs.ts";
import { actions, type Action, type Actions, type TokenValidation } from "./rule-actions.ts";
import { ruleConditions, type Condition } from "./rule-conditions.ts";

export type { Action, Condition };

/** A listener with its rules in the order in which they are tried. */
export interface Listener {
  readonly arn: string;
  readonly loadBalancerArn: string;
  readonly port: number;
  readonly protocol: "HTTP" | "HTTPS";
  readonly rules: readonly Rule[];
  /** What is asked of tokens where no rule matches. */
  readonly defaultValidation?: TokenValidation | undefined;
  /** What happens where no rule matches. */
  readonly defaultAction: Action;
}

export interface Rule {
  readonly arn: string;
  readonly name: string;
  readonly priority: number;
  readonly conditions: readonly Condition[];
  /** What is asked of tokens before the action. */
  readonly validation?: TokenValidation | undefined;
  readonly action: Action;
  /** Whether the load balancer checks tokens first. */
  readonly validatesTokens: boolean;
}

const listenerInputs = z.object({
  loadBalancerArn: z.string(),
  port: z.number(),
  protocol: z.enum(["HTTP", "HTTPS"]),
  defaultActions: actions,
});

const ruleInputs = z.object({
  listenerArn: z.string(),
  priority: z.number().int().min(1).max(50_000),
  conditions: ruleConditions,
  actions,
  transforms: z
    .array(z.unknown())
    .max(0, "rewriting hosts and paths is not modelled here; leave `transforms` out")
    .optional(),
});

/** The listeners of a graph. */
export function readListeners(graph: Graph): Listener[] {
  const rules = graph.resources.filter(({ type }) => type === "aws:lb/listenerRule:ListenerRule");
  return graph.resources
    .filter(({ type }) => type === "aws:lb/listener:Listener")
    .map((resource) => {
      const inputs = inputsOf(resource, listenerInputs);
      const { protocol, defaultActions } = inputs;
      checkActions(resource, defaultActions, protocol);
      const own = rules
        .filter((rule) => rule.inputs["listenerArn"] === resource.id)
        .map((rule) => readRule(rule, protocol))
        .sort((left, right) => left.priority - right.priority);
      checkPriorities(own);
      return {
        arn: resource.id,
        loadBalancerArn: inputs.loadBalancerArn,
        port: inputs.port,
        protocol,
        rules: own,
        defaultValidation: defaultActions.validation,
        defaultAction: defaultActions.action,
      };
    });
}

function readRule(resource: GraphResource, protocol: Listener["protocol"]): Rule {
  const inputs = inputsOf(resource, ruleInputs);
  checkActions(resource, inputs.actions, protocol);
  return {
    arn: resource.id,
    name: resource.name,
    priority: inputs.priority,
    conditions: inputs.conditions,
    validation: inputs.actions.validation,
    action: inputs.actions.action,
    validatesTokens: inputs.actions.validation !== undefined,
  };
}

/** Refuses what AWS lets only some listeners do. */
function checkActions(
  { name }: GraphResource,
  { validation, action }: Actions,
  protocol: Listener["protocol"],
): void {
  if (validation !== undefined && protocol !== "HTTPS") {
    throw new LocalError(
      `\`${name}\` has an action \`jwt-validation\` on a listener of the protocol \`${protocol}\`, which AWS refuses. Give the listener the protocol \`HTTPS\`.`,
    );
  }
  if (action.type === "redirect" && action.protocol === "HTTP" && protocol === "HTTPS") {
    throw new LocalError(
      `\`${name}\` redirects from HTTPS to HTTP, which AWS refuses. Leave the \`protocol\` of the redirect out.`,
    );
  }
}

function checkPriorities(rules: readonly Rule[]): void {
  for (const [index, { name, priority }] of rules.entries()) {
    const other = rules[index + 1];
    if (other?.priority !== priority) continue;
    throw new LocalError(
      `The listener rules \`${name}\` and \`${other.name}\` have the same \`priority\` ${priority}, which AWS refuses. Give one of them another.`,
    );
  }
}
