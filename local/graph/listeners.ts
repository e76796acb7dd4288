import { z } from "zod";
import { LocalError, type Graph, type GraphResource } from "./graph.ts";
import { inputsOf } from "./inputs.ts";

/** A listener with its rules in the order in which they are tried. */
export interface Listener {
  readonly arn: string;
  readonly loadBalancerArn: string;
  readonly port: number;
  readonly protocol: "HTTP" | "HTTPS";
  readonly rules: readonly Rule[];
  /** What happens where no rule matches. */
  readonly defaultAction: Action;
}

export interface Rule {
  readonly name: string;
  readonly priority: number;
  readonly conditions: readonly Condition[];
  readonly action: Action;
  /** Whether the load balancer checks tokens first; here the service alone does, as it does on AWS, too. */
  readonly validatesTokens: boolean;
}

export type Condition =
  | { readonly field: "path" | "host" | "method"; readonly values: readonly string[] }
  | { readonly field: "header"; readonly name: string; readonly values: readonly string[] }
  | {
      readonly field: "query";
      readonly pairs: readonly { readonly key?: string | undefined; readonly value: string }[];
    };

export type Action =
  | {
      readonly type: "forward";
      readonly targets: readonly { readonly targetGroupArn: string; readonly weight: number }[];
    }
  | {
      readonly type: "fixed-response";
      readonly status: number;
      readonly contentType: string;
      readonly body: string;
    }
  | {
      readonly type: "redirect";
      readonly status: number;
      readonly protocol: string;
      readonly host: string;
      readonly port: string;
      readonly path: string;
      readonly query: string;
    };

const values = z.object({ values: z.array(z.string()).min(1) });

/** Strict: a condition that is not modelled must not be taken for one that always holds. */
const conditionInputs = z.strictObject({
  pathPattern: values.optional(),
  hostHeader: values.optional(),
  httpRequestMethod: values.optional(),
  httpHeader: z
    .object({ httpHeaderName: z.string(), values: z.array(z.string()).min(1) })
    .optional(),
  queryStrings: z.array(z.object({ key: z.string().optional(), value: z.string() })).optional(),
});

const actionInputs = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("forward"),
    targetGroupArn: z.string().optional(),
    forward: z
      .object({
        targetGroups: z.array(z.object({ arn: z.string(), weight: z.number().default(1) })).min(1),
      })
      .optional(),
  }),
  z.object({
    type: z.literal("fixed-response"),
    fixedResponse: z.object({
      statusCode: z.string(),
      contentType: z.string(),
      messageBody: z.string().default(""),
    }),
  }),
  z.object({
    type: z.literal("redirect"),
    redirect: z.object({
      statusCode: z.enum(["HTTP_301", "HTTP_302"]),
      protocol: z.string().default("#{protocol}"),
      host: z.string().default("#{host}"),
      port: z.string().default("#{port}"),
      path: z.string().default("/#{path}"),
      query: z.string().default("#{query}"),
    }),
  }),
]);

const ONE_ACTION = "a listener here takes one forward, fixed-response or redirect action";

/** Exactly one: others that come before it would ask people to sign in, which is not modelled here. */
const oneAction = z.array(actionInputs).length(1, ONE_ACTION);

const tokenValidation = z.object({ type: z.literal("jwt-validation"), order: z.number() });

/** Validation of tokens refuses some requests and changes none, so that rules are the same without it. */
const ruleActions = z
  .array(z.union([tokenValidation, actionInputs]))
  .transform((actions) => ({
    validatesTokens: actions.some(({ type }) => type === "jwt-validation"),
    actions: actions.filter((action) => action.type !== "jwt-validation"),
  }))
  .refine(({ actions }) => actions.length === 1, ONE_ACTION);

const listenerInputs = z.object({
  loadBalancerArn: z.string(),
  port: z.number(),
  protocol: z.enum(["HTTP", "HTTPS"]),
  defaultActions: oneAction,
});

const ruleInputs = z.object({
  listenerArn: z.string(),
  priority: z.number(),
  conditions: z.array(conditionInputs).min(1),
  actions: ruleActions,
});

/** The listeners of a graph. */
export function readListeners(graph: Graph): Listener[] {
  const rules = graph.resources.filter(({ type }) => type === "aws:lb/listenerRule:ListenerRule");
  return graph.resources
    .filter(({ type }) => type === "aws:lb/listener:Listener")
    .map((resource) => {
      const inputs = inputsOf(resource, listenerInputs);
      return {
        arn: resource.id,
        loadBalancerArn: inputs.loadBalancerArn,
        port: inputs.port,
        protocol: inputs.protocol,
        rules: rules
          .filter((rule) => rule.inputs["listenerArn"] === resource.id)
          .map(readRule)
          .sort((left, right) => left.priority - right.priority),
        defaultAction: readAction(resource, inputs.defaultActions),
      };
    });
}

function readRule(resource: GraphResource): Rule {
  const inputs = inputsOf(resource, ruleInputs);
  return {
    name: resource.name,
    priority: inputs.priority,
    conditions: inputs.conditions.flatMap(readCondition),
    action: readAction(resource, inputs.actions.actions),
    validatesTokens: inputs.actions.validatesTokens,
  };
}

function readCondition(inputs: z.output<typeof conditionInputs>): Condition[] {
  const { pathPattern, hostHeader, httpRequestMethod, httpHeader, queryStrings } = inputs;
  const conditions: Condition[] = [];
  if (pathPattern) conditions.push({ field: "path", values: pathPattern.values });
  if (hostHeader) conditions.push({ field: "host", values: hostHeader.values });
  if (httpRequestMethod) conditions.push({ field: "method", values: httpRequestMethod.values });
  if (httpHeader)
    conditions.push({
      field: "header",
      name: httpHeader.httpHeaderName,
      values: httpHeader.values,
    });
  if (queryStrings) conditions.push({ field: "query", pairs: queryStrings });
  return conditions;
}

function readAction(resource: GraphResource, inputs: z.output<typeof oneAction>): Action {
  const [action] = inputs;
  switch (action?.type) {
    case "forward": {
      const targets =
        action.forward?.targetGroups.map(({ arn, weight }) => ({ targetGroupArn: arn, weight })) ??
        [];
      if (action.targetGroupArn !== undefined)
        targets.push({ targetGroupArn: action.targetGroupArn, weight: 1 });
      return { type: "forward", targets };
    }
    case "fixed-response":
      return {
        type: "fixed-response",
        status: Number(action.fixedResponse.statusCode),
        contentType: action.fixedResponse.contentType,
        body: action.fixedResponse.messageBody,
      };
    case "redirect":
      return {
        ...action.redirect,
        type: "redirect",
        status: Number(action.redirect.statusCode.slice(-3)),
      };
    case undefined:
      throw new LocalError(`The listener or rule \`${resource.name}\` has no action.`);
  }
}
