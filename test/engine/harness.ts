import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import {
  LocalWorkspace,
  PulumiCommand,
  type EngineEvent,
  type OpType,
  type PulumiFn,
  type Stack,
} from "@pulumi/pulumi/automation/index.js";
import { pulumiRoot } from "./cli.ts";
import { Cloud } from "./providers/cloud.ts";

/** What an operation did to a resource, as `update aws:ecs/service:Service weather`. */
export type Step = string;

/** A stack on the real engine, with stand-ins for the providers. */
export interface EngineStack {
  readonly stack: Stack;
  readonly cloud: Cloud;
  /** Everything that the engine has printed. */
  readonly output: () => string;
  /** The state as it lies on the disk. */
  storedState(): Promise<string>;
  preview(): Promise<Step[]>;
  up(): Promise<Step[]>;
  refresh(): Promise<Step[]>;
  destroy(): Promise<Step[]>;
  /** Runs another program from now on. */
  setProgram(program: PulumiFn): void;
}

const PROJECT = "engine";
const PROVIDERS = {
  aws: ["custom.ts", "aws"],
  random: ["custom.ts", "random"],
  "docker-build": ["custom.ts", "docker-build"],
  awsx: ["awsx.ts"],
};

/** What the SDK says in promises that nobody awaits when an operation has failed, sometimes long after it. */
const ECHO =
  /Resource monitor is terminating|client connection is closing|Connection dropped|stand-in was told to fail/u;

let echoesIgnored = false;

/**
 * Keeps those echoes from node's test runner, which takes every unhandled rejection for a failure of whatever runs then. The operation
 * itself has told its failure; any other rejection reaches the runner as before.
 */
function ignoreEchoes(): void {
  if (echoesIgnored) return;
  echoesIgnored = true;
  const listeners = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (reason, promise) => {
    if (reason instanceof Error && ECHO.test(reason.message)) return;
    for (const listener of listeners) listener(reason, promise);
  });
}

/** The engine starts providers in the folder of the program; an inline program has none but the process's own. */
const HERE = process.cwd();

let command: Promise<PulumiCommand> | undefined;

async function findCommand(): Promise<PulumiCommand> {
  const root = await pulumiRoot();
  return PulumiCommand.get(root === undefined ? {} : { root });
}

/** A new stack in folders of its own, removed with the test. */
export async function createStack(
  context: { after(cleanup: () => unknown): unknown },
  program: PulumiFn,
  config: Readonly<Record<string, string>> = {},
): Promise<EngineStack> {
  ignoreEchoes();
  const folder = await mkdtemp(join(tmpdir(), "engine-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const bin = join(folder, "bin");
  const state = join(folder, "state");
  for (const path of [bin, state, join(folder, "home")]) await mkdir(path);
  for (const [name, [script = "", ...words]] of Object.entries(PROVIDERS)) {
    const path = join(bin, `pulumi-resource-${name}`);
    const file = join(import.meta.dirname, "providers", script);
    await writeFile(
      path,
      `#!/bin/sh\ncd "${HERE}" || exit 1\nexec "${process.execPath}" --no-warnings "${file}" ${words.join(" ")} "$@"\n`,
    );
    await chmod(path, 0o755);
  }
  const settings = Object.fromEntries(
    Object.entries({ "aws:region": "us-east-1", ...config }).map(([key, value]) => [
      key.includes(":") ? key : `${PROJECT}:${key}`,
      value,
    ]),
  );
  const stack = await LocalWorkspace.createStack(
    { stackName: "test", projectName: PROJECT, program },
    {
      pulumiHome: join(folder, "home"),
      pulumiCommand: await (command ??= findCommand()),
      projectSettings: { name: PROJECT, runtime: "nodejs", backend: { url: `file://${state}` } },
      stackSettings: { test: { config: settings } },
      envVars: {
        PATH: [bin, process.env["PATH"] ?? ""].join(delimiter),
        PULUMI_CONFIG_PASSPHRASE: "for tests only",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        STAND_IN_CLOUD: folder,
      },
    },
  );

  // After an operation it asks the CLI for the stack's outputs and history, three processes more; who wants outputs asks for them.
  const unasked = Object.assign(Object.create(stack) as Stack, {
    outputs: () => Promise.resolve({}),
    info: () => Promise.resolve(undefined),
  });
  const printed: string[] = [];
  const observe = (
    steps: Step[],
  ): { onOutput: (text: string) => void; onEvent: (event: EngineEvent) => void } => ({
    onOutput: (text) => printed.push(text),
    onEvent: ({ resourcePreEvent }) => {
      const metadata = resourcePreEvent?.metadata;
      if (metadata === undefined || QUIET.has(metadata.op)) return;
      const name = metadata.urn.split("::").slice(3).join("::");
      if (!metadata.type.startsWith("pulumi:"))
        steps.push(`${metadata.op} ${metadata.type} ${name}`);
    },
  });
  const collect = async (
    operation: (options: ReturnType<typeof observe>) => Promise<unknown>,
  ): Promise<Step[]> => {
    const steps: Step[] = [];
    await operation(observe(steps));
    return steps.sort();
  };
  const previewOnce = (): Promise<Step[]> =>
    collect((options) => stack.preview({ ...options, diff: true }));
  return {
    stack,
    cloud: new Cloud(folder),
    output: () => printed.join(""),
    // Not by `exportStack`, which decrypts.
    storedState: () => readFile(join(state, ".pulumi", "stacks", PROJECT, "test.json"), "utf8"),
    preview: async () => {
      const steps = await previewOnce();
      // The Automation API's inline server ignores errors of its connection (automation/server.js) and calls it a success when
      // nothing was declared at all. On a busy machine that happens; a preview changes nothing, so it can be asked again.
      return steps.length > 0 && steps.every((step) => step.startsWith("delete "))
        ? previewOnce()
        : steps;
    },
    up: () => collect((options) => unasked.up({ ...options, diff: true })),
    refresh: () => collect((options) => unasked.refresh(options)),
    destroy: () => collect((options) => unasked.destroy(options)),
    setProgram: (next) => {
      stack.workspace.program = next;
    },
  };
}

/** Steps in which nothing happens. */
const QUIET: ReadonlySet<OpType> = new Set<OpType>(["same", "read", "refresh"]);
