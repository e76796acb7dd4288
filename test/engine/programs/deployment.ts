/** Every argument about deployments and capacity, for tools that look at graphs: four services, since strategies exclude one another. */
import * as aws from "@pulumi/aws";
import { DeploymentStrategy, McpPlatform, McpServer, McpService } from "../../../infra/index.ts";

const tags = { team: "weather" };
const platform = new McpPlatform("mcp", { tags }).handle;
const errors = new aws.cloudwatch.MetricAlarm("errors", {
  comparisonOperator: "GreaterThanThreshold",
  evaluationPeriods: 1,
  threshold: 0,
  namespace: "Weather",
  metricName: "Errors",
  period: 60,
  statistic: "Sum",
  tags,
});

/** On Spot as far as it can be, and taken back by an alarm. */
export const rolling = new McpService("rolling", {
  platform,
  server: McpServer.Weather,
  path: "/rolling/mcp",
  fargateBase: 1,
  fargateWeight: 0,
  fargateSpotWeight: 1,
  minReplicas: 3,
  minimumHealthyPercent: 67,
  maximumPercent: 134,
  availabilityZoneRebalancing: true,
  rollbackAlarms: [errors.name],
  rollbackErrorPercent: 10,
  startupSeconds: 90,
  waitForSteadyState: true,
  steadyStateTimeoutMinutes: 30,
  enableExecuteCommand: true,
  tags,
}).url;

export const canary = new McpService("canary", {
  platform,
  server: McpServer.Weather,
  path: "/canary/mcp",
  targetOngoingRequests: 20,
  deploymentStrategy: DeploymentStrategy.Canary,
  bakeMinutes: 15,
  canaryPercent: 2.5,
  canaryBakeMinutes: 5,
  rollbackAlarms: [errors.name],
  tags,
}).url;

export const linear = new McpService("linear", {
  platform,
  server: McpServer.Weather,
  path: "/linear/mcp",
  targetOngoingRequests: 20,
  deploymentStrategy: DeploymentStrategy.Linear,
  bakeMinutes: 0,
  stepPercent: 12.5,
  stepBakeMinutes: 4,
  maximumPercent: 100,
  minimumHealthyPercent: 50,
  availabilityZoneRebalancing: false,
  waitForSteadyState: false,
  tags,
}).eventsCommand;

export const blueGreen = new McpService("blue-green", {
  platform,
  server: McpServer.Weather,
  path: "/blue-green/mcp",
  targetOngoingRequests: 20,
  deploymentStrategy: DeploymentStrategy.BlueGreen,
  rollbackErrorPercent: 0,
  tags,
}).url;
