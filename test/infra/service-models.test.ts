/** Translator and classifier as services: what their tasks, their images and their scaling are, and what is refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import {
  AuthMode,
  CpuArchitecture,
  McpServer,
  McpService,
  type InstanceCapacityFacts,
  type McpServiceArgs,
} from "../../infra/index.ts";
import { instanceFacts } from "./instance-facts.ts";
import { arn, assertRefused, deploy, rejectionsOf, type Declaration } from "./mocks.ts";
import { HANDLE } from "./platform-handle.ts";

const REVISION = "0123456789abcdef0123456789abcdef01234567";
const SHARED: InstanceCapacityFacts = { ...instanceFacts("g6.xlarge"), shareGpu: true };

function service(args: Partial<McpServiceArgs>, capacity?: InstanceCapacityFacts): McpService {
  return new McpService("words", {
    // Of its own, since paths are claimed by the platform's identity.
    platform: {
      ...HANDLE,
      ...(capacity && {
        instanceCapacity: { gpu: capacity },
        capacityProviders: { gpu: "gpu-provider" },
      }),
    },
    ...(capacity && { capacity: "gpu" }),
    auth: { mode: AuthMode.None },
    server: McpServer.Translator,
    ...args,
  });
}

interface Container {
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  readonly resourceRequirements?: readonly object[];
  readonly healthCheck: { readonly startPeriod: number };
}

function taskOf(declaration: Declaration<unknown>): {
  readonly size: readonly unknown[];
  readonly server: Container;
  readonly variables: Readonly<Record<string, string>>;
} {
  const { cpu, memory, containerDefinitions } = declaration.only(
    "aws:ecs/taskDefinition:TaskDefinition",
  ).inputs;
  const [server] = JSON.parse(String(containerDefinitions)) as Container[];
  assert.ok(server);
  return {
    size: [cpu, memory],
    server,
    variables: Object.fromEntries(server.environment.map(({ name, value }) => [name, value])),
  };
}

test("GIVEN servers with models WHEN they are deployed without a GPU THEN Fargate has room for the model, time to load it, and the image no CUDA", async () => {
  for (const [server, size, threads] of [
    [McpServer.Translator, ["2048", "4096"], "2"],
    [McpServer.Classifier, ["1024", "2048"], "1"],
  ] as const) {
    const declaration = await deploy(() => service({ server }));
    const task = taskOf(declaration);

    assert.deepEqual(task.size, size);
    assert.equal(task.variables["MODEL_DEVICE"], "cpu");
    assert.equal(task.variables["MODEL_THREADS"], threads);
    // 120 seconds, and 30 until ECS knows.
    assert.equal(task.server.healthCheck.startPeriod, 150);
    const { inputs } = declaration.only("aws:ecs/service:Service");
    assert.equal(inputs["healthCheckGracePeriodSeconds"], 150);
    assert.deepEqual(inputs["capacityProviderStrategies"], [
      { capacityProvider: "FARGATE", weight: 1 },
    ]);
    assert.equal(declaration.only("awsx:ecr:Image").inputs["target"], "models");
    declaration.assertNothingUndefined();
  }
});

test("GIVEN a share of a GPU WHEN a translator is deployed THEN its task has that share of the instance, sees the GPU, and takes no processor for it", async () => {
  const declaration = await deploy(() => service({ gpu: 0.5 }, SHARED));
  const { server, size, variables } = taskOf(declaration);

  assert.deepEqual(size, ["2048", "7372"]);
  assert.deepEqual(
    [variables["MODEL_DEVICE"], variables["NVIDIA_VISIBLE_DEVICES"], variables["MODEL_THREADS"]],
    ["cuda", "all", "2"],
  );
  assert.equal(server.resourceRequirements, undefined);
  const { target, platform } = declaration.only("awsx:ecr:Image").inputs;
  assert.deepEqual([target, platform], ["models-cuda", "linux/amd64"]);
});

test("GIVEN an eighth of a GPU on an instance of its own WHEN a classifier is deployed THEN ECS counts the eighth", async () => {
  const declaration = await deploy(() =>
    service({ server: McpServer.Classifier, gpu: 0.125 }, instanceFacts("g6f.large")),
  );
  const { server, variables } = taskOf(declaration);

  assert.deepEqual(server.resourceRequirements, [{ type: "GPU", value: "0.125" }]);
  assert.equal(variables["MODEL_DEVICE"], "cuda");
  assert.equal(variables["NVIDIA_VISIBLE_DEVICES"], undefined);
});

test("GIVEN a server with a model WHEN nobody says how it scales THEN the autoscaler aims at full batches", async () => {
  const declaration = await deploy(() =>
    service({ model: { workers: 1, batchSize: pulumi.output(4) } }),
  );
  const policies = declaration.resources.filter(
    ({ type, name }) => type === "aws:appautoscaling/policy:Policy" && !name.endsWith("-cpu"),
  );

  assert.deepEqual(policies.map(({ name }) => name).sort(), [
    "words-burst",
    "words-ongoing-requests",
  ]);
  const configuration = policies.find(({ name }) => name === "words-ongoing-requests")?.inputs[
    "targetTrackingScalingPolicyConfiguration"
  ] as { targetValue: number };
  assert.equal(configuration.targetValue, 4);
});

test("GIVEN what a server with a model cannot work with WHEN a service is constructed THEN it is refused", () => {
  const refused = (
    args: Partial<McpServiceArgs>,
    sentence: string,
    capacity?: InstanceCapacityFacts,
  ): void => {
    assertRefused(() => service(args, capacity), `McpService: ${sentence}`);
  };
  refused(
    { server: McpServer.Weather, model: {} },
    "`model` is given, but `server` is not `translator` or `classifier`, so that nothing would read it. Leave one of them out.",
  );
  refused(
    { model: { repository: "acme/words" } },
    "`model.repository` is given without `model.revision`: the next build of the image could bring another model. Give the commit, 40 hexadecimal digits.",
  );
  refused(
    { model: { repository: "https://huggingface.co/acme/words", revision: REVISION } },
    "`model.repository` is `https://huggingface.co/acme/words`; give the owner and the name of a repository of the Hugging Face hub, `owner/name`.",
  );
  refused(
    { model: { revision: "main" } },
    "`model.revision` is `main`; give a commit, 40 hexadecimal digits, as the history of the repository has it: a branch is another model when it moves.",
  );
  refused({ model: { workers: 0 } }, "`model.workers` is 0; give a whole number from 1 to 64.");
  refused(
    { model: { batchSize: 1000 } },
    "`model.batchSize` is 1000; give a whole number of calls from 1 to 256.",
  );
  refused(
    { model: { maxQueuedCalls: 0 } },
    "`model.maxQueuedCalls` is 0; give a whole number of calls from 1 to 100000.",
  );
  refused(
    { cpu: 0.5, memory: 1024 },
    "`memory` leaves the translator 896 MiB beside the replica's other containers, but with one worker it needs at least 1600 MiB (1280 for each copy of the" +
      " model, 320 beside them). Give more `memory`.",
  );
  refused(
    { model: { workers: 3 } },
    "`memory` leaves the translator 3968 MiB beside the replica's other containers, but with 3 workers it needs at least 4160 MiB (1280 for each copy of the" +
      " model, 320 beside them). Give more `memory`, or fewer `model.workers`.",
  );
  refused(
    { model: { graphs: ["model"] } },
    "`model.graphs` is given without `model.repository`: those of the server's own model are known. Give both, or leave it out.",
  );
  refused(
    { model: { repository: "acme/words", revision: REVISION, graphs: ["onnx/model.onnx"] } },
    "`model.graphs` has `onnx/model.onnx`; give the names of the ONNX files without folder, precision and ending, such as `encoder_model`.",
  );
  refused(
    { gpu: 0.125 },
    "`gpu` is 0.125, which is 2861 MiB of GPU memory, but the translator needs about 4096 MiB with one worker. Give a larger share, or take instances with more GPU memory.",
    instanceFacts("g6f.xlarge"),
  );
  refused(
    { gpu: 0.333, model: { workers: 2 } },
    "`gpu` is 0.333, which is 7629 MiB of GPU memory, but the translator needs about 7680 MiB with 2 workers. Give a larger share or fewer `model.workers`, or take instances" +
      " with more GPU memory.",
    { ...instanceFacts("g6.2xlarge"), shareGpu: true },
  );
  refused(
    { gpu: 4 },
    "`gpu` is 4, but the translator uses one GPU: the others would be paid for and not used. Give 1, and more replicas.",
    instanceFacts("g6.12xlarge"),
  );
  refused(
    { gpu: 1, architecture: CpuArchitecture.Arm64 },
    "`architecture` is `ARM64` and `gpu` is given, but ONNX Runtime has CUDA for Node.js on `X86_64` alone. Take instances with such processors, or leave" +
      " `gpu` out.",
    instanceFacts("g5g.xlarge"),
  );
  refused(
    { gpu: 1 },
    '`gpu` is given, but the replicas run on Fargate, which has no GPUs. Declare instances that have some: `instances: { instanceTypes: ["g6.xlarge"] }`; or, on a' +
      ' platform, `instanceCapacity: { gpu: { instanceTypes: ["g6.xlarge"] } }` there and `capacity: "gpu"` here.',
  );
  refused(
    { command: ["node", "dist/main.mjs", "translator"] },
    "`command` is given beside `server`: a bundled server has its own. Leave one of them out.",
  );
});

test("GIVEN a model that is known later WHEN it does not fit THEN the program fails with the same sentence", async () => {
  assert.deepEqual(
    await rejectionsOf(() => service({ model: { revision: pulumi.output("main") } })),
    [
      "McpService: `model.revision` is `main`; give a commit, 40 hexadecimal digits, as the history of the repository has it: a branch is another model when it moves.",
    ],
  );
});

test("GIVEN variables of a server with a model WHEN it does not read them, or an argument sets them, THEN they are refused", () => {
  for (const argument of ["environment", "secrets"] as const) {
    const value = argument === "secrets" ? arn("ssm", "parameter/p") : "4";
    assertRefused(
      () => service({ [argument]: { MODEL_WORKERS: value } }),
      `McpService: \`${argument}\` sets \`MODEL_WORKERS\`, which the component sets itself, from \`model.workers\`. Leave it out of \`${argument}\`.`,
    );
    assertRefused(
      () => service({ [argument]: { TRANSLATOR_MODEL: value } }),
      `McpService: \`${argument}\` sets \`TRANSLATOR_MODEL\`, which the translator does not read. Its settings that have no argument are \`MODELS_PATH\`,` +
        " `TRANSLATOR_MAX_CHARACTERS`, `TRANSLATOR_SOURCE`; what model it runs is said in `model`.",
    );
    assertRefused(
      () => service({ server: McpServer.Classifier, [argument]: { IMAGE_MAX_SIZE: value } }),
      `McpService: \`${argument}\` sets \`IMAGE_MAX_SIZE\`, which the classifier does not read. Its settings that have no argument are \`IMAGE_ALLOW_HTTP\`,` +
        " `IMAGE_ALLOWED_NETWORKS`, `IMAGE_MAX_BYTES`, `IMAGE_MAX_PIXELS`, `IMAGE_TIMEOUT_SECONDS`, `MODELS_PATH`; what model it runs is said in `model`.",
    );
  }
});

test("GIVEN settings of a server with a model that it does not take WHEN a service is constructed THEN they are refused", () => {
  for (const [server, name, value, range] of [
    [McpServer.Translator, "TRANSLATOR_MAX_CHARACTERS", "0", "1 to 100000"],
    [McpServer.Classifier, "IMAGE_MAX_BYTES", "10MB", "1024 to 268435456"],
    [McpServer.Classifier, "IMAGE_TIMEOUT_SECONDS", "301", "1 to 300"],
  ] as const) {
    assertRefused(
      () => service({ server, environment: { [name]: value } }),
      `McpService: \`environment.${name}\` is \`${value}\`; give a whole number from ${range}.`,
    );
  }
});

test("GIVEN settings of a server with a model that have no argument WHEN it is deployed THEN they reach it", async () => {
  const declaration = await deploy(() =>
    service({
      server: McpServer.Classifier,
      environment: { IMAGE_MAX_BYTES: "1048576", IMAGE_ALLOW_HTTP: "true" },
    }),
  );
  const { variables } = taskOf(declaration);

  assert.deepEqual(
    [variables["IMAGE_MAX_BYTES"], variables["IMAGE_ALLOW_HTTP"]],
    ["1048576", "true"],
  );
});
