import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ArgumentError } from "../validation.ts";

/** What a VPC must have for the names of a private hosted zone (Route 53, "Considerations when working with a private hosted zone"). */
const NEEDED = {
  enableDnsSupport: "DNS resolution",
  enableDnsHostnames: "DNS host names",
} as const;

/** Looks whether an existing VPC answers private names; Cloud Map makes a namespace in one that does not, where nobody finds a replica. */
export function checkPrivateNames(
  component: string,
  vpcId: pulumi.Input<string>,
  opts: pulumi.InvokeOptions,
): void {
  pulumi.output(vpcId).apply(async (id) => {
    const vpc = await aws.ec2.getVpc({ id }, opts);
    const missing = (["enableDnsSupport", "enableDnsHostnames"] as const).filter(
      (attribute) => !vpc[attribute],
    );
    if (missing.length === 0) return;
    throw new ArgumentError(
      component,
      `\`serviceDiscovery\` is true, but the VPC \`${id}\` has ${missing.map((attribute) => NEEDED[attribute]).join(" and ")} turned off: nothing in it would find a` +
        ` replica by its private name. Turn ${missing.length === 1 ? "that" : "both"} on (${missing.map((attribute) => `\`${attribute}\``).join(", ")}), or leave \`serviceDiscovery\` out.`,
    );
  });
}
