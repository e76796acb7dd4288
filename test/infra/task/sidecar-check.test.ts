import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import type { Sidecar } from "../../../infra/task/sidecar.ts";
import { checkSidecars, type SidecarSurroundings } from "../../../infra/task/sidecar-check.ts";
import { arn, assertRefused, rejectionsOf } from "../mocks.ts";

const SURROUNDINGS: SidecarSurroundings = {
  cpu: 0.25,
  memory: 512,
  ports: [{ port: 8080, holder: "the server" }],
  containerNames: [],
  volumeNames: ["models"],
  reserved: [],
};

const AGENT: SidecarSurroundings["reserved"][number] = {
  holder: "the agent",
  cpuShare: 1 / 8,
  memory: 0,
  otherwise: "leave the agent out",
};

const COLLECTOR: SidecarSurroundings["reserved"][number] = {
  holder: "the collector",
  cpuShare: 1 / 16,
  memory: 128,
  otherwise: "leave the collector out",
};

const CACHE: Sidecar = { name: "cache", image: "redis@sha256:ab" };

function checked(
  sidecars: readonly Partial<Sidecar>[],
  surroundings: Partial<SidecarSurroundings> = {},
): void {
  checkSidecars(
    "McpService",
    sidecars.map((sidecar) => ({ ...CACHE, ...sidecar })),
    { ...SURROUNDINGS, ...surroundings },
  );
}

function refused(
  sidecars: readonly Partial<Sidecar>[],
  message: string,
  surroundings: Partial<SidecarSurroundings> = {},
): void {
  assertRefused(() => {
    checked(sidecars, surroundings);
  }, `McpService: ${message}`);
}

test("GIVEN sidecars that ECS takes WHEN they are checked THEN they pass", () => {
  checked([]);
  checked([{}]);
  checked([
    {
      name: "log_router-2",
      essential: true,
      cpu: 0.2,
      memory: 511,
      memoryReservation: 6,
      ports: [1, 65_535],
      user: "1000:1000",
      stopTimeoutSeconds: 120,
      healthCheckCommand: ["CMD", "check"],
      serverWaitsFor: "HEALTHY",
      mountPoints: [
        { volume: "models", containerPath: "/models" },
        { volume: "models", containerPath: "/more/models" },
      ],
      environment: { LEVEL: "info" },
      secrets: { KEY: `${arn("secretsmanager", "secret:db-AbCdEf")}:password::` },
    },
    { name: "worker", command: ["node", "worker.js"], serverWaitsFor: "SUCCESS" },
  ]);
  checked(Array.from({ length: 9 }, (_, index) => ({ name: `s${index}` })));
});

test("GIVEN more containers than a task takes WHEN they are checked THEN they are refused", () => {
  const sidecars = Array.from({ length: 10 }, (_, index) => ({ name: `s${index}` }));
  refused(
    sidecars,
    "`sidecars` are 10; a replica has at most 10 containers, of which one is the service's own. Give at most 9.",
  );
  refused(
    sidecars.slice(1),
    "`sidecars` are 9; a replica has at most 10 containers, of which 2 are the service's own. Give at most 8.",
    { containerNames: ["target-control-agent"] },
  );
});

test("GIVEN names that ECS does not take, or that are taken WHEN they are checked THEN each is refused", () => {
  for (const name of ["", "log router", "ä", "x".repeat(129)]) {
    refused(
      [{ name }],
      `a sidecar has the name \`${name}\`; give one of letters, digits, hyphens and underscores, 128 at most.`,
    );
  }
  const taken = (name: string): string =>
    `a sidecar has the name \`${name}\`, which another container of the replica has. Give each one of its own.`;
  refused([{ name: "server" }], taken("server"));
  refused([{ name: "agent" }], taken("agent"), { containerNames: ["agent"] });
  refused([{}, {}], taken("cache"));
});

test("GIVEN a sidecar that would be a second server, or nothing WHEN it is checked THEN it is refused", () => {
  assertRefused(() => {
    checkSidecars("McpService", [{ name: "cache" }], SURROUNDINGS);
  }, "McpService: `sidecars.cache.image` and `sidecars.cache.command` are both missing: the service's image would run a second time, as a second server. Give" + " one of them.");
  refused(
    [{ image: "" }],
    "`sidecars.cache.image` is empty; give the address of an image, best with its digest: `repository@sha256:…`.",
  );
  refused(
    [{ command: [] }],
    "`sidecars.cache.command` is empty; give the program and its arguments, or leave it out to run the image's own.",
  );
});

test("GIVEN a wait that never ends, or ends the replica WHEN it is checked THEN it is refused", () => {
  for (const serverWaitsFor of ["SUCCESS", "COMPLETE"] as const) {
    refused(
      [{ serverWaitsFor, essential: true }],
      `\`sidecars.cache.serverWaitsFor\` is \`${serverWaitsFor}\`, but the sidecar is essential: its end would end the replica. Leave \`essential\` out, or wait for` +
        " `START` or `HEALTHY`.",
    );
  }
  const unchecked =
    "`sidecars.cache.serverWaitsFor` is `HEALTHY`, but the sidecar has no health check, so that the server would never start. Give `healthCheckCommand`, or" +
    " wait for `START`.";
  refused([{ serverWaitsFor: "HEALTHY" }], unchecked);
  refused([{ serverWaitsFor: "HEALTHY", healthCheckCommand: ["NONE"] }], unchecked);
  refused(
    [{ serverWaitsFor: "READY" as "START" }],
    "`sidecars.cache.serverWaitsFor` is `READY`; give one of `START`, `HEALTHY`, `SUCCESS`, `COMPLETE`.",
  );
  refused(
    [{ healthCheckCommand: ["check"] }],
    '`sidecars.cache.healthCheckCommand` is ["check"]; begin it with "CMD" and the words of a command, or "CMD-SHELL" and a line for the shell, or give' +
      ' ["NONE"].',
  );
});

test("GIVEN a name in `environment` and `secrets`, or what is no ARN WHEN it is checked THEN it is refused with the sidecar's name", () => {
  refused(
    [{ environment: { KEY: "plain" }, secrets: { KEY: arn("ssm", "parameter/key") } }],
    "`KEY` stands in `sidecars.cache.secrets` and in `sidecars.cache.environment`; ECS takes each name once. Keep one of them.",
  );
  refused(
    [{ secrets: { KEY: `${arn("secretsmanager", "secret:db-AbCdEf")}:password` } }],
    "`sidecars.cache.secrets.KEY` is not the ARN of a secret; give the ARN of a Secrets Manager secret, followed by `:key::` for one key of a JSON value, or" +
      " the ARN of an SSM parameter.",
  );
});

test("GIVEN users, times and shares that ECS does not take WHEN they are checked THEN each is refused", () => {
  refused(
    [{ user: "1000 1000" }],
    "`sidecars.cache.user` is `1000 1000`; give `user` or `user:group`, each by number or by name, such as `1000:1000`.",
  );
  for (const stopTimeoutSeconds of [0, 121, 1.5]) {
    refused(
      [{ stopTimeoutSeconds }],
      `\`sidecars.cache.stopTimeoutSeconds\` is ${stopTimeoutSeconds}; give a whole number of seconds from 1 to 120.`,
    );
  }
  for (const cpu of [-1, 193]) {
    refused(
      [{ cpu }],
      `\`sidecars.cache.cpu\` is ${cpu}; give a share of the replica's \`cpu\` in vCPU, such as 0.1.`,
    );
  }
  for (const argument of ["memory", "memoryReservation"] as const) {
    refused(
      [{ [argument]: 5 }],
      `\`sidecars.cache.${argument}\` is 5; give a whole number of MiB from 6 to 33554432.`,
    );
  }
  refused(
    [{ memory: 64, memoryReservation: 64 }],
    "`sidecars.cache.memory` is 64 MiB and `sidecars.cache.memoryReservation` is 64; give a limit above what is reserved, or one of the two.",
  );
});

test("GIVEN sidecars that leave the server nothing WHEN they are checked THEN they are refused with the sums", () => {
  refused(
    [{ cpu: 0.1 }, { name: "worker", cpu: 0.15 }],
    "`sidecars` take 0.25 vCPU and `cpu` is 0.25: that leaves the server none. Give a larger `cpu`, or the sidecars less.",
  );
  refused(
    [{ cpu: 0.9 }],
    "`sidecars` take 0.9 vCPU and `cpu` is 1, of which the agent has 0.125: that leaves the server none. Give a larger `cpu`, or the sidecars less.",
    { cpu: 1, reserved: [AGENT] },
  );
  refused(
    [{ cpu: 0.85 }],
    "`sidecars` take 0.85 vCPU and `cpu` is 1, of which the agent has 0.125 and the collector has 0.0625: that leaves the server none. Give a larger `cpu`, or" +
      " the sidecars less.",
    { cpu: 1, reserved: [AGENT, COLLECTOR] },
  );
  refused(
    [{ memory: 256 }, { name: "worker", memoryReservation: 256 }],
    "`sidecars` take 512 MiB and `memory` is 512: that leaves the server none. Give a larger `memory`, or the sidecars less.",
  );
  refused(
    [{ memory: 384 }],
    "`sidecars` take 384 MiB and `memory` is 512, of which the collector has 128: that leaves the server none. Give a larger `memory`, or the sidecars less, or" +
      " leave the collector out.",
    { reserved: [AGENT, COLLECTOR] },
  );
  refused(
    [],
    "`memory` is 128, of which the collector has 128: that leaves the server none. Give a larger `memory`, or leave the collector out.",
    { memory: 128, reserved: [COLLECTOR] },
  );
  checked([{ cpu: 0.8, memory: 383 }], { cpu: 1, reserved: [AGENT, COLLECTOR] });
});

test("GIVEN two containers on one port WHEN they are checked THEN they are refused: they share one network", () => {
  const wayOut = ": the containers of a replica share one network. Give one of them another port.";
  refused(
    [{ ports: [8080] }],
    `\`sidecars.cache.ports\` has 8080, on which the server listens already${wayOut}`,
  );
  refused(
    [{ ports: [6379] }, { name: "worker", ports: [9000, 6379] }],
    `\`sidecars.worker.ports\` has 6379, on which the sidecar \`cache\` listens already${wayOut}`,
  );
  refused(
    [{ ports: [6379, 6379] }],
    `\`sidecars.cache.ports\` has 6379, on which the sidecar \`cache\` listens already${wayOut}`,
  );
  refused([{ ports: [0] }], "`sidecars.cache.ports` is 0; give a whole number from 1 to 65535.");
});

test("GIVEN mount points that are none WHEN they are checked THEN each is refused", () => {
  refused(
    [{ mountPoints: [{ volume: "data", containerPath: "/data" }] }],
    "`sidecars.cache.mountPoints` names the volume `data`, which is none of `volumes`: `models`. Declare it there, or leave it out.",
  );
  refused(
    [{ mountPoints: [{ volume: "data", containerPath: "/data" }] }],
    "`sidecars.cache.mountPoints` names the volume `data`, which is none of `volumes`, since there are none. Declare it there, or leave it out.",
    { volumeNames: [] },
  );
  refused(
    [{ mountPoints: [{ volume: "models", containerPath: "models" }] }],
    "`sidecars.cache.mountPoints` has `models`; give a folder's full path, such as `/data`.",
  );
  refused(
    [
      {
        mountPoints: [
          { volume: "models", containerPath: "/models" },
          { volume: "models", containerPath: "/models" },
        ],
      },
    ],
    "`sidecars.cache.mountPoints` has `/models`, where the container has something else. Give another folder, such as `/data`.",
  );
});

test("GIVEN bad values that are outputs WHEN they are checked THEN the program fails with the same sentences", async () => {
  const rejections = await rejectionsOf(() => {
    checked(
      [
        { ports: pulumi.output([8080]), memory: pulumi.output(256) },
        { name: "worker", memoryReservation: 256, cpu: pulumi.output(0.25) },
        { name: "keys", environment: { KEY: pulumi.secret("hidden") } },
      ],
      {},
    );
  });

  assert.deepEqual(rejections, [
    "McpService: `sidecars.cache.ports` has 8080, on which the server listens already: the containers of a replica share one network. Give one of them another" +
      " port.",
    "McpService: `sidecars.keys.environment` has a secret value, which would stand in plain text in the task definition. Put it into Secrets Manager or a" +
      " parameter, and name its ARN in `sidecars.keys.secrets`.",
    "McpService: `sidecars` take 0.25 vCPU and `cpu` is 0.25: that leaves the server none. Give a larger `cpu`, or the sidecars less.",
    "McpService: `sidecars` take 512 MiB and `memory` is 512: that leaves the server none. Give a larger `memory`, or the sidecars less.",
  ]);
});
