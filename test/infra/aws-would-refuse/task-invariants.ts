/** What holds of task definitions. */
import type { Declared } from "../mocks.ts";
import {
  at,
  broken,
  listAt,
  numberAt,
  ofType,
  textAt,
  twice,
  within,
  type Graph,
  type Values,
  type Violation,
} from "./graph.ts";

export const TASK = "aws:ecs/taskDefinition:TaskDefinition";
export const SERVICE = "aws:ecs/service:Service";

export function containersOf(task: Declared): Values[] {
  return JSON.parse(textAt(task.inputs, "containerDefinitions")) as Values[];
}

export function isFargate(task: Declared): boolean {
  return (task.inputs["requiresCompatibilities"] as string[]).includes("FARGATE");
}

/** Least, most and step of the memory for each number of CPU units (ECS guide, "Task CPU and memory"). */
const SIZES: Readonly<Record<number, readonly [number, number, number]>> = {
  512: [1024, 4096, 1024],
  1024: [2048, 8192, 1024],
  2048: [4096, 16_384, 1024],
  4096: [8192, 30_720, 1024],
  8192: [16_384, 61_440, 4096],
  16_384: [32_768, 122_880, 8192],
};

function isSize(cpu: number, memory: number): boolean {
  if (cpu === 256) return [512, 1024, 2048].includes(memory);
  const [least, most, step] = SIZES[cpu] ?? [0, -1, 1];
  return memory >= least && memory <= most && (memory - least) % step === 0;
}

/** Rules 1, 2, 3, 5, 6, 7, 10, 46, 52 and 56. */
export function* taskInvariants(graph: Graph): Iterable<Violation> {
  for (const task of ofType(graph, TASK)) {
    const { inputs } = task;
    const fargate = isFargate(task);
    const containers = containersOf(task);
    const cpu = numberAt(inputs, "cpu");
    const memory = numberAt(inputs, "memory");
    if (fargate && !isSize(cpu, memory)) yield broken(1, task, `${cpu} and ${memory}`);
    const storage = at(inputs, "ephemeralStorage", "sizeInGib");
    if (!(fargate ? within(storage, 21, 200) : storage === undefined))
      yield broken(2, task, `ephemeral storage of ${String(storage)}`);
    const sum = (key: string): number =>
      containers.reduce((total, container) => total + Number(at(container, key) ?? 0), 0);
    for (const [key, whole] of [
      ["cpu", cpu],
      ["memory", memory],
    ] as const)
      if (sum(key) > whole) yield broken(5, task, `the containers' ${key} is ${sum(key)}`);
    if (!containers.some((container) => at(container, "essential") !== false))
      yield broken(6, task, "no essential container");
    for (const name of twice(containers.map((container) => at(container, "name"))))
      yield broken(6, task, `two containers ${String(name)}`);
    const ports = containers.flatMap((container) =>
      listAt(container, "portMappings").map((mapping) => at(mapping, "containerPort")),
    );
    for (const port of twice(ports)) yield broken(10, task, `two on port ${String(port)}`);
    if (Buffer.byteLength(JSON.stringify(inputs)) > 65_536) yield broken(56, task, "too large");
    for (const container of containers) yield* containerInvariants(task, fargate, container);
  }
}

function* containerInvariants(
  task: Declared,
  fargate: boolean,
  container: Values,
): Iterable<Violation> {
  const reservation = at(container, "memoryReservation");
  if (reservation !== undefined && !(numberAt(container, "memory") > Number(reservation)))
    if (at(container, "memory") !== undefined) yield broken(5, task, "memory below reservation");
  if (!/^[\w-]{1,255}$/u.test(textAt(container, "name"))) yield broken(6, task, "a name");
  for (const requirement of listAt(container, "resourceRequirements"))
    if (fargate && requirement["type"] === "GPU") yield broken(3, task, "a GPU on Fargate");
  const check = at(container, "healthCheck");
  const ranges = { interval: [5, 300], timeout: [2, 60], retries: [1, 10], startPeriod: [0, 300] };
  for (const [key, [least = 0, most = 0]] of Object.entries(ranges))
    if (!within(at(check, key), least, most)) yield broken(7, task, `health check's ${key}`);
  for (const { containerPort, hostPort } of listAt(container, "portMappings"))
    if (hostPort !== undefined && hostPort !== containerPort) yield broken(10, task, "a host port");
  const plain = listAt(container, "environment").map(({ name }) => String(name));
  const secret = listAt(container, "secrets").map(({ name }) => String(name));
  for (const name of twice([...plain, ...secret])) yield broken(52, task, `${name} twice`);
  for (const { valueFrom } of listAt(container, "secrets")) {
    const parts = String(valueFrom).split(":");
    if (parts[2] === "secretsmanager" && ![7, 10].includes(parts.length))
      yield broken(46, task, String(valueFrom));
  }
  const log = at(container, "logConfiguration");
  for (const option of ["group", "region", "stream-prefix"])
    if (at(log, "logDriver") === "awslogs" && textAt(log, "options", `awslogs-${option}`) === "")
      yield broken(52, task, `no awslogs-${option}`);
}
