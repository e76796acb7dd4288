import * as pulumi from "@pulumi/pulumi";

/** How many calls share a process of a stdio server. */
export const StdioIsolation = {
  /** All calls share the processes: for servers that keep nothing between calls. */
  Shared: "shared",
  /** Each call has a process of its own, which ends with it: for servers that mix their callers up. A call costs a start of the server. */
  PerCall: "per-call",
} as const;
export type StdioIsolation = (typeof StdioIsolation)[keyof typeof StdioIsolation];

/** A server that speaks MCP on its standard input and output, and is served over HTTP. */
export interface StdioServer {
  /** The words that start it, its program first: one that the packages bring, or one of Node's or Python's images. No shell reads them. */
  command: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * The packages of npm that the image holds, each with its exact version: `name@1.2.3`. They are installed when the image is built, without their
   * install scripts.
   * Default: none.
   */
  npmPackages?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * The packages of PyPI that the image holds, each with its exact version: `name==1.2.3`. They are installed when the image is built, from wheels.
   * Default: none.
   */
  pypiPackages?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * The processes of the server in each replica, 1 to 64; with `isolation: per-call` the most that there are at once. `memory` must hold them.
   * Default: 2, so that one serves while another is started anew.
   */
  processes?: pulumi.Input<number>;
  /**
   * The requests that a process works on at once, 1 to 10000; with `isolation: per-call` always 1.
   * Default: 32.
   */
  maxOngoingRequestsPerProcess?: pulumi.Input<number>;
  /**
   * The requests of a replica that wait for a process, 0 to 10000; more are answered 503 with `Retry-After`. `maxOngoingRequests` counts them, too.
   * Default: 256.
   */
  maxQueuedRequests?: pulumi.Input<number>;
  /**
   * The names of the variables that the server sees, of those in `environment` and `secrets`, and of `AWS_REGION`. The task's role is never handed on.
   * Default: none.
   */
  environment?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * The longest that calls of a tool may take, in seconds by its name, 1 to `longestCallSeconds`.
   * Default: `longestCallSeconds` for all.
   */
  toolTimeouts?: pulumi.Input<Record<string, pulumi.Input<number>>>;
  /**
   * The names of the tools that may run twice for one call, `*` for any characters: where a process dies under such a call, another one answers it. What the
   * server itself says of its tools does not count.
   * Default: none.
   */
  idempotentTools?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * How many calls share a process.
   * Default: `shared`.
   */
  isolation?: StdioIsolation;
}

/** Processes of a replica that nobody has given a number. */
export const DEFAULT_PROCESSES = 2;

/** What a process of a server takes, in MiB: about 70 with an official SDK, and something to work with (docs/stdio.md has the figures). */
export const PROCESS_MEMORY = 96;

/** The numbers that the wrapper gets in any case, so that they stand in the task definition. */
export const DEFAULT_ONGOING_REQUESTS = 32;
const DEFAULT_QUEUED_REQUESTS = 256;

/** The wrapper's variables, which nobody but the component sets where it makes the image. */
export const STDIO_VARIABLES = [
  "STDIO_ENVIRONMENT",
  "STDIO_IDEMPOTENT_TOOLS",
  "STDIO_ISOLATION",
  "STDIO_MAX_ONGOING_REQUESTS",
  "STDIO_MAX_QUEUED_REQUESTS",
  "STDIO_PROCESSES",
  "STDIO_TOOL_TIMEOUTS",
] as const;

/** What the wrapper is told through its environment; what is empty is not declared at all. */
export function stdioEnvironment(stdio: StdioServer): pulumi.Output<Record<string, string>> {
  return pulumi
    .output({
      environment: stdio.environment ?? [],
      idempotentTools: stdio.idempotentTools ?? [],
      ongoing: stdio.maxOngoingRequestsPerProcess ?? DEFAULT_ONGOING_REQUESTS,
      processes: stdio.processes ?? DEFAULT_PROCESSES,
      queued: stdio.maxQueuedRequests ?? DEFAULT_QUEUED_REQUESTS,
      toolTimeouts: stdio.toolTimeouts ?? {},
    })
    .apply((known): Record<string, string> => {
      const { environment, idempotentTools, ongoing, processes, queued, toolTimeouts } = known;
      const isolation = stdio.isolation ?? StdioIsolation.Shared;
      return {
        ...listed("STDIO_ENVIRONMENT", environment),
        ...listed("STDIO_IDEMPOTENT_TOOLS", idempotentTools),
        STDIO_ISOLATION: isolation,
        STDIO_MAX_ONGOING_REQUESTS: String(isolation === StdioIsolation.PerCall ? 1 : ongoing),
        STDIO_MAX_QUEUED_REQUESTS: String(queued),
        STDIO_PROCESSES: String(processes),
        ...(Object.keys(toolTimeouts).length === 0
          ? {}
          : { STDIO_TOOL_TIMEOUTS: JSON.stringify(byName(toolTimeouts)) }),
      };
    });
}

function listed(name: string, values: readonly string[]): Record<string, string> {
  return values.length === 0 ? {} : { [name]: [...new Set(values)].sort().join(",") };
}

/** In the order of UTF-16, whatever order the program has: a task definition must not change by it. */
function byName(record: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(record).sort(([left], [right]) => (left < right ? -1 : 1)),
  );
}

/** Which stage of the bundled Dockerfile holds the packages, and the arguments that name them to it. */
export function stdioBuild(stdio: StdioServer): {
  readonly target: string;
  readonly args: Record<string, pulumi.Output<string>>;
} {
  const { npmPackages, pypiPackages } = stdio;
  return {
    target: pypiPackages === undefined ? "stdio-npm" : "stdio-pypi",
    args: {
      ...(npmPackages === undefined ? {} : { STDIO_NPM_PACKAGES: words(npmPackages) }),
      ...(pypiPackages === undefined ? {} : { STDIO_PYPI_PACKAGES: words(pypiPackages) }),
    },
  };
}

function words(packages: pulumi.Input<pulumi.Input<string>[]>): pulumi.Output<string> {
  return pulumi.output(packages).apply((known) => [...new Set(known)].sort().join(" "));
}
