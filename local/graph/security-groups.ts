import { z } from "zod";
import type { Graph, GraphResource } from "./graph.ts";
import { inputsOf } from "./inputs.ts";

/** Who may connect to whom, of those in security groups. */
export interface SecurityGroups {
  /** @param port where the connection goes to, by TCP. */
  readonly mayConnect: (from: readonly string[], to: readonly string[], port: number) => boolean;
}

type Direction = "egress" | "ingress";

interface Rule {
  readonly group: string;
  readonly direction: Direction;
  readonly fromPort: number;
  readonly toPort: number;
  readonly otherGroups: readonly string[];
  readonly cidrBlocks: readonly string[];
}

const ruleInputs = z.object({
  securityGroupId: z.string(),
  ipProtocol: z.string(),
  fromPort: z.number().default(0),
  toPort: z.number().default(65_535),
  referencedSecurityGroupId: z.string().optional(),
  cidrIpv4: z.string().optional(),
});
const oldRuleInputs = z.object({
  securityGroupId: z.string(),
  type: z.enum(["egress", "ingress"]),
  protocol: z.string(),
  fromPort: z.number(),
  toPort: z.number(),
  sourceSecurityGroupId: z.string().optional(),
  self: z.boolean().default(false),
  cidrBlocks: z.array(z.string()).default([]),
});
const inlineRule = z.object({
  protocol: z.string(),
  fromPort: z.number(),
  toPort: z.number(),
  securityGroups: z.array(z.string()).default([]),
  self: z.boolean().default(false),
  cidrBlocks: z.array(z.string()).default([]),
});
const groupInputs = z.object({
  ingress: z.array(inlineRule).default([]),
  egress: z.array(inlineRule).default([]),
});

/** Where the addresses of tasks are, as long as the program's VPC says nothing else. */
const VPC_CIDR = "10.0.0.0/16";

/**
 * Reads the security groups of a program. A connection needs a rule on either side. Groups that the program does not declare have rules that are not known
 * here: they let everything through.
 */
export function readSecurityGroups(graph: Graph): SecurityGroups {
  const declared = new Set(
    graph.resources
      .filter(({ type }) => type === "aws:ec2/securityGroup:SecurityGroup")
      .map(({ id }) => id),
  );
  const rules = graph.resources.flatMap(rulesOf);
  const vpc = graph.resources.find(({ type }) => type === "awsx:ec2:Vpc")?.inputs["cidrBlock"];
  const addresses = typeof vpc === "string" ? vpc : VPC_CIDR;
  const allows = (
    direction: Direction,
    own: readonly string[],
    others: readonly string[],
    port: number,
  ): boolean =>
    own.length === 0 ||
    own.some((group) => !declared.has(group)) ||
    rules.some(
      (rule) =>
        rule.direction === direction &&
        own.includes(rule.group) &&
        rule.fromPort <= port &&
        port <= rule.toPort &&
        (rule.otherGroups.some((group) => others.includes(group)) ||
          rule.cidrBlocks.some((block) => covers(block, addresses))),
    );
  return {
    mayConnect: (from, to, port) =>
      allows("egress", from, to, port) && allows("ingress", to, from, port),
  };
}

function rulesOf(resource: GraphResource): Rule[] {
  switch (resource.type) {
    case "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule":
      return separate(resource, "ingress");
    case "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule":
      return separate(resource, "egress");
    case "aws:ec2/securityGroupRule:SecurityGroupRule": {
      const { securityGroupId, type, sourceSecurityGroupId, self, ...rule } = inputsOf(
        resource,
        oldRuleInputs,
      );
      return ofProtocol(rule.protocol, {
        group: securityGroupId,
        direction: type,
        fromPort: rule.fromPort,
        toPort: rule.toPort,
        otherGroups: [
          ...(sourceSecurityGroupId === undefined ? [] : [sourceSecurityGroupId]),
          ...(self ? [securityGroupId] : []),
        ],
        cidrBlocks: rule.cidrBlocks,
      });
    }
    case "aws:ec2/securityGroup:SecurityGroup": {
      const inputs = inputsOf(resource, groupInputs);
      return (["ingress", "egress"] as const).flatMap((direction) =>
        inputs[direction].flatMap(({ protocol, securityGroups, self, ...rule }) =>
          ofProtocol(protocol, {
            ...rule,
            group: resource.id,
            direction,
            otherGroups: [...securityGroups, ...(self ? [resource.id] : [])],
          }),
        ),
      );
    }
    default:
      return [];
  }
}

function separate(resource: GraphResource, direction: Direction): Rule[] {
  const { securityGroupId, ipProtocol, referencedSecurityGroupId, cidrIpv4, ...ports } = inputsOf(
    resource,
    ruleInputs,
  );
  return ofProtocol(ipProtocol, {
    group: securityGroupId,
    direction,
    ...ports,
    otherGroups: referencedSecurityGroupId === undefined ? [] : [referencedSecurityGroupId],
    cidrBlocks: cidrIpv4 === undefined ? [] : [cidrIpv4],
  });
}

/** `-1` is every protocol, and every port. */
function ofProtocol(protocol: string, rule: Rule): Rule[] {
  if (protocol === "-1" || protocol === "all") return [{ ...rule, fromPort: 0, toPort: 65_535 }];
  return protocol === "tcp" || protocol === "6" ? [rule] : [];
}

/** Whether all of a block's addresses are in another one. */
function covers(block: string, other: string): boolean {
  const [outer, inner] = [bitsOf(block), bitsOf(other)];
  return inner.startsWith(outer);
}

/** The part of a block's address that does not vary, in binary digits. */
function bitsOf(block: string): string {
  const [address = "", length = "32"] = block.split("/");
  return address
    .split(".")
    .map((part) => Number(part).toString(2).padStart(8, "0"))
    .join("")
    .slice(0, Number(length));
}
