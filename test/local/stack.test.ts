import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LocalError, type Graph, type GraphResource } from "../../local/graph/graph.ts";
import { readStack, type Stack } from "../../local/graph/stack.ts";

type Inputs = Readonly<Record<string, unknown>>;

function resource(type: string, id: string, inputs: Inputs, outputs: Inputs = {}): GraphResource {
  const shared = { urn: `urn:${type}:${id}`, parent: "", dependencies: [], ignoreChanges: [] };
  return { ...shared, type, name: "tools", id, inputs, outputs };
}

const IMAGE = "repository@sha256:built";
const SERVER = {
  name: "server",
  image: IMAGE,
  command: ["node", "server.js"],
  portMappings: [{ containerPort: 8080 }],
};
const SIDECAR = { name: "sidecar", image: IMAGE, command: ["node", "side.js"], essential: false };
const FOREIGN = { name: "collector", image: "public.ecr.aws/other@sha256:x", essential: false };
const AGENT = {
  name: "agent",
  image: "public.ecr.aws/aws-elb/target-optimizer/target-control-agent@sha256:x",
  portMappings: [{ containerPort: 9080 }],
  environment: [
    { name: "TARGET_CONTROL_DATA_ADDRESS", value: "0.0.0.0:9080" },
    { name: "TARGET_CONTROL_CONTROL_ADDRESS", value: "0.0.0.0:9081" },
    { name: "TARGET_CONTROL_DESTINATION_ADDRESS", value: "127.0.0.1:8080" },
    { name: "TARGET_CONTROL_MAX_CONCURRENCY", value: "20" },
  ],
};

/** A service with these containers, of which the load balancer sends to one. */
function graphOf(
  containers: readonly object[],
  given: {
    readonly task?: Inputs;
    readonly targetGroup?: Inputs;
    readonly attachment?: Inputs;
  } = {},
): Graph {
  return {
    project: "test",
    stack: "dev",
    region: "us-east-1",
    outputs: {},
    resources: [
      resource("awsx:ecr:Image", "", { context: "server" }, { imageUri: IMAGE }),
      resource("aws:lb/targetGroup:TargetGroup", "arn:group", {
        targetType: "ip",
        ...given.targetGroup,
      }),
      resource("aws:ecs/taskDefinition:TaskDefinition", "arn:task", {
        family: "tools",
        containerDefinitions: JSON.stringify(containers),
        requiresCompatibilities: ["FARGATE"],
        ...given.task,
      }),
      resource("aws:ecs/service:Service", "arn:service", {
        taskDefinition: "arn:task",
        networkConfiguration: { subnets: ["subnet-0123456789abcdef0"] },
        loadBalancers: [
          {
            targetGroupArn: "arn:group",
            containerName: "server",
            containerPort: 8080,
            ...given.attachment,
          },
        ],
      }),
    ],
  };
}

function read(...args: Parameters<typeof graphOf>): Stack {
  return readStack(graphOf(...args), "/program/index.ts");
}

/** The containers that run, and what is said of the others. */
function taskOf({ services }: Stack): { names: string[]; differences: readonly string[] } {
  const [service] = services;
  assert.ok(service !== undefined);
  const { containers, differences } = service.task;
  return { names: containers.map(({ name }) => name), differences };
}

function assertRefused(args: Parameters<typeof graphOf>, message: string): void {
  assert.throws(
    () => read(...args),
    (error) => {
      assert.ok(error instanceof LocalError, String(error));
      assert.equal(error.message, message);
      return true;
    },
  );
}

test("GIVEN an image whose build names packages WHEN its task is read THEN they are the container's, unless a container engine builds it", () => {
  const graph = graphOf([SERVER]);
  const [image, ...others] = graph.resources;
  assert.ok(image);
  const inputs = {
    ...image.inputs,
    target: "stdio-npm",
    args: { STDIO_NPM_PACKAGES: "@acme/server@1.2.3" },
  };
  const built = { ...graph, resources: [{ ...image, inputs }, ...others] };
  const packagesOf = (inContainers: boolean): unknown =>
    readStack(built, "/program/index.ts", inContainers).services[0]?.task.containers[0]?.packages;

  assert.deepEqual(packagesOf(false), { npm: ["@acme/server@1.2.3"], pypi: [] });
  assert.equal(packagesOf(true), undefined);
});

describe("GIVEN a task of several containers", () => {
  test("WHEN the program builds the image of a sidecar THEN it runs, and nothing is said", () => {
    assert.deepEqual(taskOf(read([SERVER, SIDECAR])), {
      names: ["server", "sidecar"],
      differences: [],
    });
  });

  test("WHEN it does not build them THEN they are left out with one line, and nobody waits for them", () => {
    const server = {
      ...SERVER,
      dependsOn: [
        { containerName: "collector", condition: "HEALTHY" },
        { containerName: "sidecar", condition: "START" },
      ],
    };
    const stack = read([server, SIDECAR, FOREIGN, { ...FOREIGN, name: "proxy" }]);
    assert.deepEqual(taskOf(stack), {
      names: ["server", "sidecar"],
      differences: [
        "`collector` and `proxy` are not run here, since the program does not build their images; what waits for them starts at once",
      ],
    });
    assert.deepEqual(stack.services[0]?.task.containers[0]?.dependsOn, [
      { containerName: "sidecar", condition: "START" },
    ]);
  });

  test("WHEN the server sends traces to one that is left out THEN they go to what stands in for it, and a line says so", () => {
    const environment = [
      { name: "OTEL_EXPORTER_OTLP_ENDPOINT", value: "http://127.0.0.1:4318" },
      { name: "OTEL_TRACES_EXPORTER", value: "otlp" },
      { name: "OTEL_SERVICE_NAME", value: "tools" },
    ];
    const collector = { ...FOREIGN, portMappings: [{ containerPort: 4318 }] };
    const stack = read([{ ...SERVER, environment }, collector]);

    assert.deepEqual(taskOf(stack).differences, [
      "`collector` is not run here, since the program does not build its image; what waits for it starts at once",
      "traces go to the page of this run, where `collector` would take them",
    ]);
    assert.deepEqual(stack.services[0]?.task.containers[0]?.environment, {
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector.invalid",
      OTEL_TRACES_EXPORTER: "otlp",
      OTEL_SERVICE_NAME: "tools",
    });
  });

  test("WHEN a container that the load balancer sends to is not built THEN it is refused", () => {
    assertRefused(
      [[{ ...FOREIGN, name: "server" }, SIDECAR]],
      "The container `server` of `tools` runs the image `public.ecr.aws/other@sha256:x`, which the program does not build: it runs only as a container." +
        " Give `--containers`, where a Docker engine is, or build it in the program with `build`, and its folder serves as the image.",
    );
  });

  test("WHEN tasks run as containers THEN given images run as they are, but for collectors", () => {
    const server = {
      ...SERVER,
      environment: [{ name: "OTEL_EXPORTER_OTLP_ENDPOINT", value: "http://127.0.0.1:4318" }],
    };
    const collector = { ...FOREIGN, portMappings: [{ containerPort: 4318 }] };
    const given = { name: "cache", image: "public.ecr.aws/cache:1", memory: 128 };
    const graph = graphOf([server, collector, given], { task: { cpu: "256", memory: "512" } });

    const task = readStack(graph, "/program/index.ts", true).services[0]?.task;

    assert.deepEqual(
      task?.containers.map(({ name, command, settings }) => [
        name,
        command,
        settings?.build?.context,
        settings?.memoryMib,
        settings?.vcpus,
      ]),
      [
        ["server", ["node", "server.js"], "/program/server", 512, 0.25],
        ["cache", [], undefined, 128, 0.25],
      ],
    );
    assert.deepEqual(task.differences, [
      "containers share the network of this machine: what listens on all addresses rather than on `HOST` is in the way of a second replica",
      "`cache` runs the image `public.ecr.aws/cache:1` as it is",
      "`collector` is not run here: telemetry does not leave this machine; what waits for it starts at once",
      "traces go to the page of this run, where `collector` would take them",
    ]);
  });

  test("WHEN a container waits for one that is not there THEN it is refused", () => {
    const server = { ...SERVER, dependsOn: [{ containerName: "other", condition: "START" }] };
    assertRefused(
      [[server]],
      "The container `server` of `tools` waits for `other`, which the task definition does not have.",
    );
  });

  test("WHEN a container waits for the health of one without a health check THEN it is refused", () => {
    const server = { ...SERVER, dependsOn: [{ containerName: "sidecar", condition: "HEALTHY" }] };
    assertRefused(
      [[server, SIDECAR]],
      "The container `server` of `tools` waits for the health of `sidecar`, which declares no `healthCheck`: it would never start." +
        " Declare one, or wait for `START`.",
    );
    const checked = { ...SIDECAR, healthCheck: { command: ["CMD", "true"] } };
    assert.deepEqual(taskOf(read([server, checked])), {
      names: ["server", "sidecar"],
      differences: [],
    });
  });

  test("WHEN two wait for each other THEN they are refused", () => {
    const waiting = (container: object, other: string): object => ({
      ...container,
      dependsOn: [{ containerName: other, condition: "START" }],
    });
    assertRefused(
      [[waiting(SERVER, "sidecar"), waiting(SIDECAR, "server"), FOREIGN]],
      "The containers `server`, `sidecar` of `tools` wait for each other: none would start.",
    );
  });
});

describe("GIVEN what this machine does not model", () => {
  const lines: [what: string, args: Parameters<typeof graphOf>, line: string][] = [
    [
      "a server has a GPU",
      [[{ ...SERVER, resourceRequirements: [{ type: "GPU", value: "1" }] }]],
      "GPUs are not assigned here: every replica sees those of this machine",
    ],
    [
      "a server shares a GPU",
      [[{ ...SERVER, environment: [{ name: "NVIDIA_VISIBLE_DEVICES", value: "all" }] }]],
      "GPUs are not assigned here: every replica sees those of this machine",
    ],
    [
      "a server would run its model on a GPU alone",
      [
        [
          {
            ...SERVER,
            environment: [
              { name: "MODEL_DEVICE", value: "cuda" },
              { name: "NVIDIA_VISIBLE_DEVICES", value: "all" },
            ],
          },
        ],
      ],
      "GPUs are not assigned here: the model runs on the processor",
    ],
    [
      "a server mounts a file system",
      [
        [
          {
            ...SERVER,
            mountPoints: [
              { sourceVolume: "models", containerPath: "/models" },
              { sourceVolume: "scratch", containerPath: "/scratch" },
            ],
          },
        ],
        {
          task: {
            volumes: [
              { name: "models", efsVolumeConfiguration: { fileSystemId: "fs-1" } },
              { name: "scratch" },
            ],
          },
        },
      ],
      "`models` is not mounted here: `/models` is a path of this machine",
    ],
    [
      "the tasks run on EC2",
      [[SERVER], { task: { requiresCompatibilities: ["EC2"] } }],
      "instances are counted here, and not started: replicas are processes of this machine",
    ],
    [
      "the tasks run on Managed Instances",
      [[SERVER], { task: { requiresCompatibilities: ["MANAGED_INSTANCES"] } }],
      "instances are counted here, and not started: replicas are processes of this machine",
    ],
  ];
  for (const [what, args, line] of lines) {
    test(`WHEN ${what} THEN it runs all the same, and one line says so`, () => {
      assert.deepEqual(taskOf(read(...args)).differences, [line]);
    });
  }
});

describe("GIVEN a load balancer that sends to the target optimizer's agent", () => {
  const attachment = { containerName: "agent", containerPort: 9080 };
  const targetGroup = { targetControlPort: 9081, healthCheck: { port: "9080" } };
  const given = { attachment, targetGroup };

  test("WHEN it runs here THEN requests and health checks go to the server, as many at once as the agent takes", () => {
    const stack = read([{ ...SERVER, portMappings: [], environment: PORT }, AGENT], given);
    assert.deepEqual(taskOf(stack), {
      names: ["server"],
      differences: [
        "`agent` is not run here: the load balancer itself sends a replica at most 20 requests at once, to port 8080",
      ],
    });
    const [service] = stack.services;
    assert.deepEqual(service?.loadBalancers, [
      {
        targetGroupArn: "arn:group",
        containerName: "server",
        containerPort: 8080,
        shift: undefined,
      },
    ]);
    assert.deepEqual(service.task.containers[0]?.ports, [8080]);
    assert.equal(stack.targetGroups[0]?.maxConcurrency, 20);
    assert.equal(stack.targetGroups[0].healthCheck.port, "traffic-port");
  });

  test("WHEN there is no agent THEN targets take any number at once", () => {
    assert.equal(read([SERVER]).targetGroups[0]?.maxConcurrency, Number.POSITIVE_INFINITY);
  });

  test("WHEN the agent names no number THEN it is AWS's own, one", () => {
    const agent = { ...AGENT, environment: AGENT.environment.slice(0, 3) };
    assert.equal(read([SERVER, agent], given).targetGroups[0]?.maxConcurrency, 1);
  });

  const mistakes: [what: string, args: Parameters<typeof graphOf>, message: string][] = [
    [
      "the load balancer sends to another port of the agent",
      [[SERVER, AGENT], { ...given, attachment: { ...attachment, containerPort: 9081 } }],
      "The service `tools` sends traffic to port 9081 of the container `agent`, which takes it at port 9080.",
    ],
    [
      "the agent sends where nobody listens",
      [[{ ...SERVER, portMappings: [{ containerPort: 9000 }] }, AGENT], given],
      "The container `agent` of `tools` sends requests to port 8080, where no container of the task listens.",
    ],
    [
      "the target group asks at another port",
      [[SERVER, AGENT], { ...given, targetGroup: { targetControlPort: 3000 } }],
      "The target group `tools` asks at port 3000 (`targetControlPort`) for free places, but the container `agent` tells of free places at port 9081: no request would get through.",
    ],
    [
      "the target group does not ask",
      [[SERVER, AGENT], { attachment }],
      "The target group `tools` has no `targetControlPort`, but the container `agent` tells of free places at port 9081: no request would get through.",
    ],
    [
      "the target group asks where there is no agent",
      [[SERVER], { targetGroup: { targetControlPort: 9081 } }],
      "The target group `tools` asks at port 9081 (`targetControlPort`) for free places, where no agent tells of them: no request would get through.",
    ],
    [
      "an address of the agent is none",
      [[SERVER, { ...AGENT, environment: AGENT.environment.slice(0, 2) }], given],
      "The container `agent` of `tools` has `TARGET_CONTROL_DESTINATION_ADDRESS` ``, which is no IP address and port. Give one, such as `127.0.0.1:8080`.",
    ],
  ];
  for (const [what, args, message] of mistakes) {
    test(`WHEN ${what} THEN it is refused`, () => {
      assertRefused(args, message);
    });
  }
});

const PORT = [{ name: "PORT", value: "8080" }];
