import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../tags.ts";

/** Where the parameters of a gateway are. Two gateways of one stack have two names, and so two paths. */
export function parameterPath(name: string): string {
  const words = ["pulumi-mcp-service", pulumi.getProject(), pulumi.getStack(), name];
  return `/${words.map((word) => word.replaceAll(/[^\w.-]/gu, "-")).join("/")}/`;
}

/** Creates the parameter of an upstream: what every replica of the gateway reads within `pollSeconds`, so that no task is replaced for it. */
export function createParameter(
  name: string,
  args: {
    readonly upstream: string;
    readonly path: string;
    readonly value: pulumi.Output<string>;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): aws.ssm.Parameter {
  const { path, tags, upstream, value } = args;
  return new aws.ssm.Parameter(
    `${name}-${upstream}`,
    {
      name: `${path}${upstream}`,
      description: `The upstream ${upstream} of the gateway ${name}`,
      type: "String",
      // Free up to 4096 bytes; above them it becomes an advanced one by itself.
      tier: "Intelligent-Tiering",
      // Nothing in it is a secret: a preview shows what changes.
      insecureValue: value,
      tags,
    },
    opts,
  );
}
