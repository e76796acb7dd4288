import { createHash } from "node:crypto";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** What CloudWatch takes as a name (CloudWatch API, PutDashboard). */
const LONGEST_NAME = 255;

/**
 * A name that nothing else of the account has. AWS demands one, and a dashboard of the same name would be overwritten without a word: dashboards
 * belong to no region, and hyphens alone do not keep project, stack and name apart, hence the hash.
 */
export function dashboardName(kind: "platform" | "service", name: string, region: string): string {
  const parts = [pulumi.getProject(), pulumi.getStack(), name, kind, region];
  const hash = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 8);
  const readable = parts.join("-").replaceAll(/[^\w-]/gu, "-");
  return `${readable.slice(0, LONGEST_NAME - hash.length - 1)}-${hash}`;
}

type Late<T> = pulumi.Input<LateParts<T>>;

/** Facts of which some, or parts of them, are known later. */
export type LateParts<T> = T extends string | number | boolean | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Late<Item>[]
    : { readonly [Key in keyof T]: Late<T[Key]> };

/** A dashboard, which has no tags. */
export function createDashboard(
  name: string,
  args: {
    readonly kind: "platform" | "service";
    readonly region: pulumi.Output<string>;
    readonly body: pulumi.Output<string>;
  },
  opts: pulumi.CustomResourceOptions,
): aws.cloudwatch.Dashboard {
  return new aws.cloudwatch.Dashboard(
    name,
    {
      dashboardName: args.region.apply((region) => dashboardName(args.kind, name, region)),
      dashboardBody: args.body,
    },
    opts,
  );
}
