import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { spawn } from "node:child_process";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import {
  checkFargateSize,
  checkHealthCheckCommand,
  containerDefinitions,
  nodeHealthCheck,
  taskFamily,
  type ContainerArgs,
  type ContainerLogs,
} from "../../../infra/task/task.ts";
import { assertRefused, deploy } from "../mocks.ts";

const ARGS: ContainerArgs = {
  name: "server",
  image: "repository@sha256:ab",
  command: ["node", "server.js"],
  essential: true,
  cpu: 0,
  ports: [8080],
  environment: { ZONE: "z", beta: "b", ALPHA: "a" },
  secrets: { TOKEN: "arn:token", KEY: "arn:key" },
  healthCheck: { command: ["CMD", "check"], interval: 30, startPeriod: 45 },
  dependsOn: [],
  stopTimeout: 75,
  readonlyRootFilesystem: true,
  mountPoints: [],
};

const LOGS: ContainerLogs = {
  logGroupName: "logs",
  region: "us-east-1",
  streamPrefix: "weather",
};

test("GIVEN a container WHEN its definition is written THEN it is exactly what AWS will store", () => {
  assert.deepEqual(JSON.parse(containerDefinitions([ARGS], LOGS)), [
    {
      name: "server",
      image: "repository@sha256:ab",
      command: ["node", "server.js"],
      essential: true,
      environment: [
        { name: "ALPHA", value: "a" },
        { name: "ZONE", value: "z" },
        { name: "beta", value: "b" },
      ],
      secrets: [
        { name: "KEY", valueFrom: "arn:key" },
        { name: "TOKEN", valueFrom: "arn:token" },
      ],
      portMappings: [{ containerPort: 8080, hostPort: 8080, protocol: "tcp" }],
      healthCheck: {
        command: ["CMD", "check"],
        interval: 30,
        timeout: 5,
        retries: 3,
        startPeriod: 45,
      },
      stopTimeout: 75,
      readonlyRootFilesystem: true,
      linuxParameters: {
        capabilities: { add: [], drop: ["ALL"] },
        initProcessEnabled: true,
        tmpfs: [{ containerPath: "/tmp", mountOptions: [], size: 64 }],
      },
      logConfiguration: {
        logDriver: "awslogs",
        options: {
          "awslogs-group": "logs",
          "awslogs-region": "us-east-1",
          "awslogs-stream-prefix": "weather",
          "max-buffer-size": "25m",
          mode: "non-blocking",
        },
      },
      cpu: 0,
      mountPoints: [],
      systemControls: [],
      volumesFrom: [],
    },
  ]);
});

test("GIVEN a container WHEN its definition is written THEN what AWS adds to its answer is in it already, or every preview would replace it", () => {
  const [{ cpu, linuxParameters }] = JSON.parse(containerDefinitions([ARGS], LOGS)) as [
    { cpu: unknown; linuxParameters: { capabilities: unknown; tmpfs: unknown } },
  ];

  // The provider does not level these (terraform-aws-ecs#176).
  assert.deepEqual(linuxParameters.capabilities, { add: [], drop: ["ALL"] });
  assert.deepEqual(linuxParameters.tmpfs, [{ containerPath: "/tmp", mountOptions: [], size: 64 }]);
  assert.equal(cpu, 0);
});

test("GIVEN no command and no health check WHEN the definition is written THEN the image's own are left alone", () => {
  const [container] = JSON.parse(
    containerDefinitions([{ ...ARGS, command: undefined, healthCheck: undefined }], LOGS),
  ) as [Record<string, unknown>];

  assert.ok(!("command" in container));
  assert.ok(!("healthCheck" in container));
});

test("GIVEN the same variables in any order WHEN the definition is written THEN its text is the same", () => {
  const names = ["PATH_A", "a", "B", "b", "_x", "Z9", "Z10", "ä"];
  const expected = containerDefinitions([variables(names)], LOGS);
  for (let seed = 1; seed < 50; seed += 1) {
    const shuffled = names
      .map((name, index) => ({ name, key: (index * 7919 * seed + seed ** 2) % 101 }))
      .sort((left, right) => left.key - right.key)
      .map(({ name }) => name);
    assert.equal(containerDefinitions([variables(shuffled)], LOGS), expected);
  }
});

function variables(names: readonly string[]): ContainerArgs {
  const record = Object.fromEntries(names.map((name) => [name, `value of ${name}`]));
  return { ...ARGS, environment: record, secrets: record };
}

test("GIVEN the health check of a bundled server WHEN it runs THEN it tells by its exit code whether /healthz says 200", async () => {
  const [kind, program, ...args] = nodeHealthCheck(8080);
  assert.deepEqual(
    [kind, program, ...args],
    [
      "CMD",
      "node",
      "-e",
      'fetch("http://127.0.0.1:8080/healthz").then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))',
    ],
  );

  let status = 200;
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.writeHead(status).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  assert.equal(await exitCode(port), 0);
  status = 503;
  assert.equal(await exitCode(port), 1);
  server.close();
  await once(server, "close");
  assert.equal(await exitCode(port), 1);
  assert.deepEqual(asked, ["/healthz", "/healthz"]);
});

async function exitCode(port: number): Promise<unknown> {
  const [, , ...args] = nodeHealthCheck(port);
  const [code] = (await once(spawn(process.execPath, args), "exit")) as [unknown];
  return code;
}

test("GIVEN volumes WHEN the definition is written THEN each is mounted as it says, in one order", () => {
  const logs = { sourceVolume: "logs", containerPath: "/var/log", readOnly: false };
  const data = { sourceVolume: "data", containerPath: "/data", readOnly: true };
  for (const mountPoints of [
    [logs, data],
    [data, logs],
  ]) {
    const [container] = JSON.parse(containerDefinitions([{ ...ARGS, mountPoints }], LOGS)) as [
      { mountPoints: unknown },
    ];

    assert.deepEqual(container.mountPoints, [data, logs]);
  }
});

test("GIVEN a container that has everything WHEN its definition is written THEN all of it is there, and nothing that only the root's being read-only needs", () => {
  const [container] = JSON.parse(
    containerDefinitions(
      [
        {
          ...ARGS,
          name: "cache",
          essential: false,
          cpu: 64,
          memory: 128,
          memoryReservation: 64,
          resourceRequirements: [{ type: "GPU", value: "1" }],
          ports: [9000, 80],
          dependsOn: [
            { condition: "START", containerName: "b" },
            { condition: "HEALTHY", containerName: "a" },
          ],
          user: "1000:1000",
          readonlyRootFilesystem: false,
        },
      ],
      LOGS,
    ),
  ) as [Record<string, unknown>];
  const { environment, secrets, healthCheck, logConfiguration, ...rest } = container;

  assert.ok(environment !== undefined && secrets !== undefined && healthCheck !== undefined);
  assert.ok(logConfiguration !== undefined);
  assert.deepEqual(rest, {
    name: "cache",
    image: "repository@sha256:ab",
    command: ["node", "server.js"],
    essential: false,
    portMappings: [
      { containerPort: 80, hostPort: 80, protocol: "tcp" },
      { containerPort: 9000, hostPort: 9000, protocol: "tcp" },
    ],
    dependsOn: [
      { condition: "HEALTHY", containerName: "a" },
      { condition: "START", containerName: "b" },
    ],
    stopTimeout: 75,
    user: "1000:1000",
    readonlyRootFilesystem: false,
    linuxParameters: {
      capabilities: { add: [], drop: ["ALL"] },
      initProcessEnabled: true,
    },
    cpu: 64,
    memory: 128,
    memoryReservation: 64,
    resourceRequirements: [{ type: "GPU", value: "1" }],
    mountPoints: [],
    systemControls: [],
    volumesFrom: [],
  });
});

/** ECS guide, "task size": vCPU to memory in MiB. */
const FARGATE: readonly (readonly [vcpu: number, least: number, most: number, step: number])[] = [
  [0.5, 1024, 4096, 1024],
  [1, 2048, 8192, 1024],
  [2, 4096, 16_384, 1024],
  [4, 8192, 30_720, 1024],
  [8, 16_384, 61_440, 4096],
  [16, 32_768, 122_880, 8192],
];

function isSold(cpu: number, memory: number): boolean {
  if (cpu === 0.25) return [512, 1024, 2048].includes(memory);
  return FARGATE.some(
    ([vcpu, least, most, step]) =>
      cpu === vcpu && memory >= least && memory <= most && (memory - least) % step === 0,
  );
}

test("GIVEN any size WHEN it is checked THEN it passes exactly where Fargate's table has it", () => {
  let sold = 0;
  for (const cpu of [0.25, 0.5, 1, 2, 4, 8, 16]) {
    for (let memory = 0; memory <= 131_072; memory += 256) {
      if (isSold(cpu, memory)) {
        checkFargateSize("McpService", cpu, memory);
        sold += 1;
      } else {
        assert.throws(() => {
          checkFargateSize("McpService", cpu, memory);
        }, `${cpu} vCPU, ${memory} MiB`);
      }
    }
  }

  assert.equal(sold, 3 + 4 + 7 + 13 + 23 + 12 + 12);
});

test("GIVEN sizes that Fargate does not sell WHEN they are checked THEN they are refused with those that it does", () => {
  const refused = (cpu: number, memory: number, message: string): void => {
    assertRefused(() => {
      checkFargateSize("McpService", cpu, memory);
    }, `McpService: ${message}`);
  };

  for (const cpu of [0, 0.3, 3, 32, 256, -1, NaN]) {
    refused(cpu, 512, `\`cpu\` is ${cpu} vCPU; Fargate offers 0.25, 0.5, 1, 2, 4, 8, 16.`);
  }
  refused(0.25, 4096, "`memory` is 4096 MiB; with 0.25 vCPU Fargate offers 512, 1024, 2048.");
  refused(0.5, 512, "`memory` is 512 MiB; with 0.5 vCPU Fargate offers 1024, 2048, 3072, 4096.");
  refused(
    1,
    512.5,
    "`memory` is 512.5 MiB; with 1 vCPU Fargate offers 2048 to 8192 in steps of 1024.",
  );
  refused(
    8,
    17_408,
    "`memory` is 17408 MiB; with 8 vCPU Fargate offers 16384 to 61440 in steps of 4096.",
  );
  refused(
    16,
    122_881,
    "`memory` is 122881 MiB; with 16 vCPU Fargate offers 32768 to 122880 in steps of 8192.",
  );
});

test("GIVEN a service WHEN its family is named THEN project and stack tell it from others, in characters that AWS takes", async () => {
  assert.equal((await deploy(() => taskFamily("weather"))).result, "tools-dev-weather");
  const { result } = await deploy(() => taskFamily("weather"), { stack: "feature.1" });
  assert.equal(result, "tools-feature-1-weather");
});

test("GIVEN health checks that ECS takes WHEN they are checked THEN they pass", () => {
  for (const command of [
    ["CMD", "check"],
    ["CMD", "node", "check.js"],
    ["CMD-SHELL", "curl -f http://localhost/ || exit 1"],
    ["NONE"],
  ]) {
    checkHealthCheckCommand("McpService", command);
  }
});

test("GIVEN other health checks WHEN they are checked THEN each is refused: AWS would refuse it", () => {
  const unfit: [command: string[], text: string][] = [
    [[], "[]"],
    [["CMD"], '["CMD"]'],
    [["CMD-SHELL"], '["CMD-SHELL"]'],
    [["NONE", "check"], '["NONE","check"]'],
    [["cmd", "check"], '["cmd","check"]'],
    [["node", "check.js"], '["node","check.js"]'],
    [["", "check"], '["","check"]'],
  ];
  for (const [command, text] of unfit) {
    assertRefused(
      () => {
        checkHealthCheckCommand("McpService", command);
      },
      `McpService: \`healthCheckCommand\` is ${text}; begin it with "CMD" and the words of a command, or "CMD-SHELL" and a line for` +
        ' the shell, or give ["NONE"].',
    );
  }
});
