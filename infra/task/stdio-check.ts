import * as pulumi from "@pulumi/pulumi";
import {
  DEFAULT_PROCESSES,
  PROCESS_MEMORY,
  STDIO_VARIABLES,
  StdioIsolation,
  type StdioServer,
} from "./stdio.ts";
import { checkPackages } from "./stdio-packages.ts";
import { checkStdioVariables } from "./stdio-variables.ts";
import { ArgumentError, check, checkTogether, oneOf, wholeNumberBetween } from "../validation.ts";
import type { Variables } from "../variables.ts";

/** What `stdio` is checked against. */
export interface StdioSurroundings {
  /** Whether `server` names the stdio server. */
  readonly isStdio: boolean;
  readonly environment: Variables;
  readonly secrets: Variables;
  readonly longestCallSeconds: pulumi.Input<number>;
  /** Of a replica, in MiB. */
  readonly memory: pulumi.Input<number>;
  /** What its other containers take of that, in MiB. */
  readonly reserved: readonly pulumi.Input<number>[];
}

/** Refuses stdio servers that could not be built or started, or whose settings nobody would read. */
export function checkStdio(
  component: string,
  stdio: StdioServer | undefined,
  surroundings: StdioSurroundings,
): void {
  if (stdio === undefined) {
    if (!surroundings.isStdio) return;
    throw new ArgumentError(
      component,
      "`server` is `stdio`, but `stdio` is missing; say there what to run: `{ command, npmPackages }` or `{ command, pypiPackages }`.",
    );
  }
  if (!surroundings.isStdio) {
    throw new ArgumentError(
      component,
      "`stdio` is given, but `server` is not `stdio`, so that nothing would read it. Set `server` to `stdio`; or, in an image of your own, give the whole" +
        " `command` of the wrapper and its `STDIO_…` variables in `environment`.",
    );
  }
  const { npmPackages, pypiPackages } = stdio;
  if (npmPackages === undefined && pypiPackages === undefined) {
    throw new ArgumentError(
      component,
      "`stdio` names no packages; give `npmPackages` or `pypiPackages`, which the image is made of, or an image of your own (`build`).",
    );
  }
  for (const argument of ["npmPackages", "pypiPackages"] as const) {
    checkAll(stdio[argument], (packages) => {
      checkPackages(component, argument, packages);
    });
  }
  checkAll(stdio.command, (words) => {
    checkStdioCommand(component, words);
  });
  check(stdio.isolation, oneOf(component, "stdio.isolation", StdioIsolation));
  check(stdio.processes, wholeNumberBetween(component, "stdio.processes", 1, 64));
  const { memory, reserved } = surroundings;
  checkTogether(
    [stdio.processes ?? DEFAULT_PROCESSES, memory, ...reserved],
    ([processes = 0, all = 0, ...others]) => {
      const left = others.reduce((rest, taken) => rest - taken, all);
      checkStdioMemory(component, left, processes);
    },
  );
  check(
    stdio.maxOngoingRequestsPerProcess,
    wholeNumberBetween(component, "stdio.maxOngoingRequestsPerProcess", 1, 10_000, "requests"),
  );
  if (
    stdio.isolation === StdioIsolation.PerCall &&
    stdio.maxOngoingRequestsPerProcess !== undefined
  ) {
    throw new ArgumentError(
      component,
      "`stdio.maxOngoingRequestsPerProcess` is given beside `stdio.isolation: per-call`, where a process has one call. Leave it out, and say by" +
        " `stdio.processes` how many calls there may be at once.",
    );
  }
  check(
    stdio.maxQueuedRequests,
    wholeNumberBetween(component, "stdio.maxQueuedRequests", 0, 10_000, "requests"),
  );
  checkVariableNames(component, stdio.environment, surroundings);
  checkAll(stdio.environment ?? [], (handedOn) => {
    checkStdioVariables(component, surroundings, handedOn);
  });
  checkAll(stdio.idempotentTools, (names) => {
    for (const name of names) checkToolName(component, "idempotentTools", name, TOOL_PATTERN);
  });
  checkToolTimeouts(component, stdio.toolTimeouts, surroundings.longestCallSeconds);
}

/** Runs a check on a list, now where all of its words are known. */
function checkAll(
  values: pulumi.Input<pulumi.Input<string>[]> | undefined,
  test: (values: readonly string[]) => void,
): void {
  check(values, (list) => {
    const words = list.filter((word) => typeof word === "string");
    if (words.length === list.length) test(words);
    else {
      pulumi.output(list).apply((known) => {
        test(known);
      });
    }
  });
}

/** What fetches a package and runs it: a replica would do so at each start, and could not where there is no internet, or no registry. */
const FETCHING = new Set(["bunx", "npx", "pipx", "pnpx", "uvx"]);

/** The same as words of a package manager. */
const FETCHING_WORDS: Readonly<Record<string, readonly string[]>> = {
  bun: ["x"],
  npm: ["exec", "x", "install", "i"],
  pnpm: ["dlx", "exec"],
  uv: ["run", "tool", "x"],
  yarn: ["dlx"],
};

/** Refuses commands that start nothing, or that fetch what they start. */
export function checkStdioCommand(component: string, words: readonly string[]): void {
  const [program = "", ...rest] = words;
  if (program === "") {
    throw new ArgumentError(
      component,
      '`stdio.command` is empty; give the program that the packages bring, and its arguments, such as `["mcp-server-everything", "stdio"]`.',
    );
  }
  const name = program.split("/").at(-1) ?? program;
  const subcommand = rest.find((word) => !word.startsWith("-")) ?? "";
  const fetching = FETCHING.has(name)
    ? name
    : FETCHING_WORDS[name]?.includes(subcommand) === true
      ? `${name} ${subcommand}`
      : undefined;
  if (fetching === undefined) return;
  throw new ArgumentError(
    component,
    `\`stdio.command\` begins with \`${fetching}\`, which would fetch the server anew whenever a process starts. Name its package in \`npmPackages\` or` +
      " `pypiPackages`, which the image is made of, and begin the command with the program that the package brings.",
  );
}

/** What ECS itself gives a container, and is no secret (Fargate guide, "Task metadata"). */
const GIVEN_BY_ECS = new Set(["AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV", "AWS_REGION"]);

/** What the wrapper never hands on: by these a server would have the rights of the task's role, or write telemetry in the wrapper's name. */
const NEVER_HANDED_ON = /^(?:AUTH_|AWS_CONTAINER_|ECS_|OTEL_|MCP_STATE_KEY$)/iu;

const VARIABLE_NAME = /^[A-Za-z_]\w*$/u;

/** Refuses names of variables that nobody sets, without which the server would fail at its first call, and those that it may not have. */
function checkVariableNames(
  component: string,
  names: StdioServer["environment"],
  { environment, secrets }: StdioSurroundings,
): void {
  checkAll(names, (wanted) => {
    for (const name of wanted) {
      if (VARIABLE_NAME.test(name) && !NEVER_HANDED_ON.test(name)) continue;
      throw new ArgumentError(
        component,
        VARIABLE_NAME.test(name)
          ? `\`stdio.environment\` has \`${name}\`, which the wrapper keeps to itself: the server would act in its name. Give the server credentials of its own, by` +
              " another name."
          : `\`stdio.environment\` has something that is no name of a variable; give the names of variables alone, such as \`API_KEY\`: their values stand in \`environment\` or \`secrets\`.`,
      );
    }
    check(environment ?? {}, (plain) => {
      check(secrets ?? {}, (secret) => {
        const missing = wanted.filter(
          (name) =>
            !Object.hasOwn(plain, name) && !Object.hasOwn(secret, name) && !GIVEN_BY_ECS.has(name),
        );
        if (missing.length === 0) return;
        throw new ArgumentError(
          component,
          `\`stdio.environment\` has ${missing.map((name) => `\`${name}\``).join(", ")}, which ${missing.length === 1 ? "stands" : "stand"} neither in` +
            " `environment` nor in `secrets`. Give the value there, and its name here.",
        );
      });
    });
  });
}

/** MCP, "Tools, tool names": 1 to 128 characters; a comma would be two names to the wrapper. */
const TOOL_NAME = /^[A-Za-z0-9_./-]{1,128}$/u;
const TOOL_PATTERN = /^[A-Za-z0-9_./*-]{1,128}$/u;

function checkToolName(
  component: string,
  argument: "idempotentTools" | "toolTimeouts",
  name: string,
  allowed: RegExp,
): void {
  if (allowed.test(name)) return;
  throw new ArgumentError(
    component,
    `\`stdio.${argument}\` has \`${name}\`; give the name of a tool: 1 to 128 letters, digits and \`_-./\`.`,
  );
}

function checkToolTimeouts(
  component: string,
  toolTimeouts: StdioServer["toolTimeouts"],
  longestCallSeconds: pulumi.Input<number>,
): void {
  check(toolTimeouts, (timeouts) => {
    for (const [name, timeout] of Object.entries(timeouts)) {
      checkToolName(component, "toolTimeouts", name, TOOL_NAME);
      checkTogether([timeout, longestCallSeconds], ([seconds = 0, longest = 0]) => {
        wholeNumberBetween(component, `stdio.toolTimeouts.${name}`, 1, 3600, "seconds")(seconds);
        if (seconds <= longest) return;
        throw new ArgumentError(
          component,
          `\`stdio.toolTimeouts.${name}\` is ${seconds}, but \`longestCallSeconds\` is ${longest}, after which every call is ended. Give ${longest} or less,` +
            " or raise `longestCallSeconds`.",
        );
      });
    }
  });
}

/** Refuses variables that the component sets from `stdio`; without it they are the image's owner's. */
export const STDIO_RESERVED: ReadonlyMap<string, string> = new Map(
  STDIO_VARIABLES.map((name) => [name, "`stdio`"]),
);

/** The least that is left to the wrapper, in MiB: it holds 115 before its first call. */
const WRAPPER_MEMORY = 160;

/**
 * Refuses replicas whose memory the processes would outgrow: the kernel would end one after the other.
 *
 * @param memory what sidecars leave of the replica's, in MiB.
 */
function checkStdioMemory(component: string, memory: number, processes: number): void {
  const needed = processes * PROCESS_MEMORY + WRAPPER_MEMORY;
  if (memory >= needed) return;
  throw new ArgumentError(
    component,
    `\`stdio.processes\` is ${processes}, for which a replica's server needs at least ${needed} MiB (${PROCESS_MEMORY} for each process, ${WRAPPER_MEMORY} beside` +
      ` them), and \`memory\` leaves it ${memory} MiB beside its other containers. Give more \`memory\`, or fewer processes.`,
  );
}
