import { z } from "zod";

/** What a load balancer does with a request in the end. */
export type Action = ForwardAction | FixedResponseAction | RedirectAction;

/** A target group's share of what a rule forwards. */
export interface WeightedTargetGroup {
  readonly targetGroupArn: string;
  readonly weight: number;
}

export interface ForwardAction {
  readonly type: "forward";
  readonly targets: readonly WeightedTargetGroup[];
}

export interface FixedResponseAction {
  readonly type: "fixed-response";
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface RedirectAction {
  readonly type: "redirect";
  readonly status: number;
  readonly protocol: string;
  readonly host: string;
  readonly port: string;
  readonly path: string;
  readonly query: string;
}

/** What a load balancer asks of a token before it forwards (ELB guide, "Verify JWTs"). */
export interface TokenValidation {
  readonly issuer: string;
  readonly jwksEndpoint: string;
  readonly claims: readonly TokenClaim[];
}

export interface TokenClaim {
  readonly name: string;
  readonly format: "single-string" | "string-array" | "space-separated-values";
  readonly values: readonly string[];
}

/** What a rule or a listener does, in order. */
export interface Actions {
  readonly validation: TokenValidation | undefined;
  readonly action: Action;
}

const order = z.number().int().min(1).max(50_000).optional();

const forwardInputs = z
  .strictObject({
    type: z.literal("forward"),
    order,
    targetGroupArn: z.string().optional(),
    forward: z
      .strictObject({
        targetGroups: z
          .array(
            z.strictObject({
              arn: z.string(),
              weight: z.number().int().min(0).max(999).default(1),
            }),
          )
          .min(1)
          .max(5),
        // Stickiness needs the cookie `AWSALBTG`, which nothing here sets.
        stickiness: z
          .object({
            enabled: z
              .literal(false, "stickiness between target groups is not modelled here; leave it out")
              .default(false),
          })
          .optional(),
      })
      .optional(),
  })
  .refine(
    ({ targetGroupArn, forward }) => (targetGroupArn === undefined) !== (forward === undefined),
    "a forward action has either a `targetGroupArn` or a `forward` with target groups",
  );

const fixedResponseInputs = z.strictObject({
  type: z.literal("fixed-response"),
  order,
  fixedResponse: z.strictObject({
    statusCode: z
      .string()
      .regex(/^[245]\d\d$/u, "a fixed response has a status of 2XX, 4XX or 5XX"),
    contentType: z.enum([
      "text/plain",
      "text/css",
      "text/html",
      "application/javascript",
      "application/json",
    ]),
    messageBody: z.string().max(1024).default(""),
  }),
});

const redirectInputs = z.strictObject({
  type: z.literal("redirect"),
  order,
  redirect: z
    .strictObject({
      statusCode: z.enum(["HTTP_301", "HTTP_302"]),
      protocol: z.enum(["HTTP", "HTTPS", "#{protocol}"]).default("#{protocol}"),
      host: z.string().default("#{host}"),
      port: z.string().default("#{port}"),
      path: z.string().default("/#{path}"),
      query: z.string().default("#{query}"),
    })
    .refine(
      ({ protocol, host, port, path }) =>
        protocol !== "#{protocol}" ||
        host !== "#{host}" ||
        port !== "#{port}" ||
        path !== "/#{path}",
      "a redirect changes the protocol, the host, the port or the path; this one leads to itself",
    ),
});

/** Always checked by the load balancer itself, so that none can be asked for beside these (ELB API, `JwtValidationActionAdditionalClaim`). */
const CHECKED_ANYWAY = ["exp", "iss", "nbf", "iat"];

const tokenValidationInputs = z.strictObject({
  type: z.literal("jwt-validation"),
  order,
  jwtValidation: z.strictObject({
    issuer: z.string().min(1).max(256),
    jwksEndpoint: z.url().max(256),
    additionalClaims: z
      .array(
        z
          .strictObject({
            name: z
              .string()
              .refine(
                (name) => !CHECKED_ANYWAY.includes(name),
                "`exp`, `iss`, `nbf` and `iat` are checked anyway",
              ),
            format: z.enum(["single-string", "string-array", "space-separated-values"]),
            values: z.array(z.string().max(256)).min(1).max(10),
          })
          .refine(
            ({ format, values }) => format !== "single-string" || values.length === 1,
            "a claim of the format `single-string` has one value",
          )
          .refine(
            ({ format, values }) =>
              format !== "space-separated-values" || values.every((value) => !value.includes(" ")),
            "a value of the format `space-separated-values` has no spaces",
          ),
      )
      .max(10)
      .default([]),
  }),
});

const ONE_ACTION =
  "a listener or rule here takes one forward, fixed-response or redirect action, and before it at most one of `jwt-validation`";

const actionInputs = z.discriminatedUnion(
  "type",
  [forwardInputs, fixedResponseInputs, redirectInputs, tokenValidationInputs],
  // People signing in are not modelled: `authenticate-oidc`, `authenticate-cognito`.
  { error: ONE_ACTION },
);

/** Exactly one action that ends a request, the last one (ELB guide, "Action types for listener rules"). */
export const actions = z.array(actionInputs).transform((inputs, context): Actions => {
  const inOrder = inputs
    .map((input, index) => ({ input, place: input.order ?? index + 1 }))
    .sort((left, right) => left.place - right.place)
    .map(({ input }) => input);
  const last = inOrder.at(-1);
  const [first, ...rest] = inOrder.slice(0, -1);
  if (
    last === undefined ||
    last.type === "jwt-validation" ||
    rest.length > 0 ||
    (first !== undefined && first.type !== "jwt-validation")
  ) {
    context.addIssue({ code: "custom", message: ONE_ACTION });
    return z.NEVER;
  }
  return { validation: first && readValidation(first), action: readAction(last) };
});

function readValidation({
  jwtValidation: { issuer, jwksEndpoint, additionalClaims },
}: z.output<typeof tokenValidationInputs>): TokenValidation {
  return { issuer, jwksEndpoint, claims: additionalClaims };
}

function readAction(
  inputs: Exclude<z.output<typeof actionInputs>, { readonly type: "jwt-validation" }>,
): Action {
  switch (inputs.type) {
    case "forward":
      return {
        type: "forward",
        targets:
          inputs.forward?.targetGroups.map(({ arn, weight }) => ({
            targetGroupArn: arn,
            weight,
          })) ??
          (inputs.targetGroupArn === undefined
            ? []
            : [{ targetGroupArn: inputs.targetGroupArn, weight: 1 }]),
      };
    case "fixed-response":
      return {
        type: "fixed-response",
        status: Number(inputs.fixedResponse.statusCode),
        contentType: inputs.fixedResponse.contentType,
        body: inputs.fixedResponse.messageBody,
      };
    case "redirect": {
      const { statusCode, ...to } = inputs.redirect;
      return { ...to, type: "redirect", status: Number(statusCode.slice(-3)) };
    }
  }
}
