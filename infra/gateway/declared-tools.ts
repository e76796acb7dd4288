import * as pulumi from "@pulumi/pulumi";
import type { McpServiceArgs } from "../service-args.ts";
import { McpServer } from "../task/image.ts";

/** What the bundled servers offer (service/servers), as far as it is the same in every program. Neither side may import the other; a test holds both together. */
const BUNDLED_TOOLS: Readonly<Partial<Record<McpServer, readonly string[]>>> = {
  [McpServer.Weather]: ["get_alerts", "get_forecast"],
  [McpServer.Translator]: ["translate"],
  [McpServer.Classifier]: ["classify"],
};

/** The names of a service's tools, as far as they are known before it runs: those that the program declares, else those of the bundled server. */
export function declaredTools({
  declaredTools: declared,
  server,
}: Pick<McpServiceArgs, "declaredTools" | "server">): pulumi.Output<string[]> {
  if (declared !== undefined) return pulumi.output(declared);
  const bundled = server === undefined ? undefined : BUNDLED_TOOLS[server];
  return pulumi.output([...(bundled ?? [])]);
}
