/** What the components do not model, set from outside; docs/customising.md quotes this program, and the engine tests run it. */
import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { McpServer, McpService } from "../../../infra/index.ts";

const boundary = "arn:aws:iam::123456789012:policy/boundary";

pulumi.runtime.registerResourceTransform(({ type, props, opts }) =>
  type === "aws:iam/role:Role"
    ? { props: { ...props, permissionsBoundary: boundary }, opts }
    : undefined,
);

const calmHealthChecks: pulumi.ResourceTransform = ({ type, props, opts }) => {
  if (type !== "aws:lb/targetGroup:TargetGroup") return undefined;
  const given = props["healthCheck"] as pulumi.Input<aws.types.input.lb.TargetGroupHealthCheck>;
  const healthCheck = pulumi.output(given).apply((check) => ({ ...check, interval: 10 }));
  return { props: { ...props, healthCheck }, opts };
};

const moreOpenFiles: pulumi.ResourceTransform = ({ type, props, opts }) => {
  if (type !== "aws:ecs/taskDefinition:TaskDefinition") return undefined;
  const given = props["containerDefinitions"] as pulumi.Input<string>;
  const containerDefinitions = pulumi
    .output(given)
    .apply((json) =>
      JSON.stringify(
        (JSON.parse(json) as { name: string }[]).map((container) =>
          container.name === "server"
            ? { ...container, ulimits: [{ name: "nofile", softLimit: 65536, hardLimit: 65536 }] }
            : container,
        ),
      ),
    );
  return { props: { ...props, containerDefinitions }, opts };
};

const keptLogs: pulumi.ResourceTransform = ({ type, props, opts }) =>
  type === "aws:cloudwatch/logGroup:LogGroup"
    ? { props, opts: pulumi.mergeOptions(opts, { retainOnDelete: true, ignoreChanges: ["tags"] }) }
    : undefined;

const weather = new McpService(
  "weather",
  { server: McpServer.Weather },
  { transforms: [calmHealthChecks, moreOpenFiles, keptLogs] },
);

export const url = weather.url;
