import * as pulumi from "@pulumi/pulumi";
import {
  McpGateway,
  McpPlatform,
  McpServer,
  McpService,
  type AuthMode,
  type Exposure,
  type NatGateways,
} from "./index.ts";

const config = new pulumi.Config();
const hasGateway = config.getBoolean("gateway") ?? false;
const hasModels = config.getBoolean("models") ?? false;
const gpuInstanceType = config.get("gpuInstanceType") ?? "";
const gpu = config.requireNumber("gpu");
const hasGpu = hasModels && gpuInstanceType !== "";
// Some instances have no more than a part of a GPU; where it is a whole one, replicas share it.
const shareGpu = gpu < 1 && !/^gr?6f\./u.test(gpuInstanceType);

const platform = new McpPlatform("mcp", {
  exposure: config.require<Exposure>("exposure"),
  domainName: config.get("domainName") || undefined,
  hostedZoneId: config.get("hostedZoneId") || undefined,
  certificateArn: config.get("certificateArn") || undefined,
  natGateways: config.require<NatGateways>("natGateways"),
  serviceDiscovery: hasGateway,
  ...(hasGpu && { instanceCapacity: { gpu: { instanceTypes: [gpuInstanceType], shareGpu } } }),
});

const weather = new McpService("weather", {
  platform: platform.handle,
  server: McpServer.Weather,
  auth: { mode: config.require<AuthMode>("auth") },
  cpu: config.requireNumber("cpu"),
  memory: config.requireNumber("memory"),
  minReplicas: config.requireNumber("minReplicas"),
  maxReplicas: config.requireNumber("maxReplicas"),
  requestCountPerTarget: config.requireNumber("requestCountPerTarget"),
  discoverable: hasGateway,
  // The load balancer does not count the gateway's calls: half of the 100 requests that a replica works on at once.
  ...(hasGateway && { targetOngoingRequests: 50 }),
});

const words = (key: string): string[] => (config.get(key) ?? "").split(" ").filter(Boolean);
const stdioCommand = words("stdioCommand");
const npmPackages = words("stdioNpmPackages");
const pypiPackages = words("stdioPypiPackages");

const stdio =
  stdioCommand.length === 0
    ? undefined
    : new McpService("stdio", {
        platform: platform.handle,
        path: "/stdio/mcp",
        server: McpServer.Stdio,
        stdio: {
          command: stdioCommand,
          ...(npmPackages.length > 0 && { npmPackages }),
          ...(pypiPackages.length > 0 && { pypiPackages }),
        },
        auth: { mode: config.require<AuthMode>("auth") },
        discoverable: hasGateway,
      });

const modelService = (server: "translator" | "classifier"): McpService =>
  new McpService(server, {
    platform: platform.handle,
    path: `/${server}/mcp`,
    server,
    ...(hasGpu && { capacity: "gpu", gpu }),
    auth: { mode: config.require<AuthMode>("auth") },
    discoverable: hasGateway,
  });
const translator = hasModels ? modelService(McpServer.Translator) : undefined;
const classifier = hasModels ? modelService(McpServer.Classifier) : undefined;

const gateway = hasGateway
  ? new McpGateway("gateway", {
      platform: platform.handle,
      path: "/gateway/mcp",
      services: {
        weather: weather.endpoint,
        ...(stdio && { stdio: stdio.endpoint }),
        ...(translator && { translator: translator.endpoint }),
        ...(classifier && { classifier: classifier.endpoint }),
      },
      // They change nothing: where a replica dies under a call, another one answers it.
      serviceSettings: {
        weather: { idempotentTools: ["*"] },
        ...(translator && { translator: { idempotentTools: ["*"] } }),
        ...(classifier && { classifier: { idempotentTools: ["*"] } }),
      },
      auth: { mode: config.require<AuthMode>("auth") },
    })
  : undefined;

export const url = weather.url;
export const tokenCommand = weather.tokenCommand;
export const stdioUrl = stdio?.url ?? "";
export const translatorUrl = translator?.url ?? "";
export const classifierUrl = classifier?.url ?? "";
export const gatewayUrl = gateway?.url ?? "";
