/** A translator, a classifier of images and a model server of one's own, all three on one GPU, as one MCP server. */
import { AuthMode, McpGateway, McpPlatform, McpServer, McpService } from "../../../infra/index.ts";

const platform = new McpPlatform("mcp", {
  serviceDiscovery: true,
  instanceCapacity: {
    // One L4 an instance, about 590 USD a month. A rollout takes a second one for each that there is.
    gpu: { instanceTypes: ["g6.xlarge"], shareGpu: true, maxInstances: 4 },
  },
});

/** A third each: a replica of all three on every instance, which is as many as it has network interfaces for. */
const shared = { platform: platform.handle, capacity: "gpu", gpu: 0.333, discoverable: true };

const translator = new McpService("translator", {
  ...shared,
  path: "/translator/mcp",
  server: McpServer.Translator,
  // As many as may wait for each other: a GPU takes them in hardly more time than one.
  model: { batchSize: 16 },
});

const classifier = new McpService("classifier", {
  ...shared,
  path: "/classifier/mcp",
  server: McpServer.Classifier,
});

/** A server in Python, in an image of its own that keeps the container contract: `delivery/server.py` says how. */
const delivery = new McpService("delivery", {
  ...shared,
  path: "/delivery/mcp",
  build: {
    context: "../../../examples/gpu/delivery",
    args: {
      STDIO_PYPI_PACKAGES: "mcp==2.3.0 onnxruntime==1.31.1",
      CUDA_PACKAGE: "onnxruntime-gpu[cuda,cudnn]==1.31.1",
    },
  },
  command: ["python", "server.py"],
  healthCheckCommand: ["CMD", "python", "health.py"],
  environment: { GPU_MEMORY_MIB: "4096" },
  startupSeconds: 120,
  // What it knows of the contract: one token for all, and neither metrics nor traces.
  auth: { mode: AuthMode.StaticToken },
  metrics: false,
  traceSamplePercent: 0,
});

const gateway = new McpGateway("tools", {
  platform: platform.handle,
  path: "/mcp",
  services: {
    translator: translator.endpoint,
    classifier: classifier.endpoint,
    delivery: delivery.endpoint,
  },
  // None changes anything: where a replica dies under a call, another one answers it.
  serviceSettings: {
    translator: { idempotentTools: ["*"] },
    classifier: { idempotentTools: ["*"] },
    delivery: { idempotentTools: ["*"] },
  },
});

export const url = gateway.url;
export const tokenCommand = gateway.tokenCommand;
