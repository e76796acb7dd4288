/**
 * The child process that evaluates a program. A process of its own, since an error in an apply arrives as an unhandled rejection,
 * and since a second evaluation in one process would get the first one's modules from the cache.
 */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type * as Pulumi from "@pulumi/pulumi";
import type * as PulumiMocks from "@pulumi/pulumi/runtime/mocks.js";
import type * as PulumiSettings from "@pulumi/pulumi/runtime/settings.js";
import type { Graph } from "./graph.ts";
import { createMonitor } from "./monitor.ts";
import { Transforms } from "./transforms.ts";
import { plain } from "./wire.ts";

/** What the parent sends. */
export interface EvaluationRequest {
  readonly program: string;
  readonly project: string;
  readonly stack: string;
  readonly config: Readonly<Record<string, string>>;
  /** The addresses that load balancers get here, in the order in which they are declared. */
  readonly loadBalancerAddresses: readonly string[];
  /** Outputs of an earlier evaluation that a state would have kept, by URN: random values. */
  readonly kept?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** What the parent gets. */
export type EvaluationReply = { readonly graph: Graph } | { readonly error: string };

process.once("message", (request: EvaluationRequest) => {
  // Without this the open channel keeps the process alive, and `beforeExit` never comes.
  process.channel?.unref();
  void evaluate(request);
});

async function evaluate(request: EvaluationRequest): Promise<void> {
  // The program's own copy: registrations in another one would go unseen.
  const require = createRequire(request.program);
  try {
    require.resolve("@pulumi/pulumi");
  } catch {
    fail(
      new Sentence(
        "`@pulumi/pulumi` is not installed where it could find it. Run `npm ci` in its project",
      ),
    );
    return;
  }
  const pulumi = require("@pulumi/pulumi") as typeof Pulumi;
  const sdk = require("@pulumi/pulumi/runtime/mocks.js") as typeof PulumiMocks;
  const { setMockOptions } = require("@pulumi/pulumi/runtime/settings.js") as typeof PulumiSettings;

  const region = request.config["aws:region"] ?? process.env["AWS_REGION"] ?? "us-east-1";
  const addresses = [...request.loadBalancerAddresses];
  const surroundings = {
    region,
    nextLoadBalancerAddress: () => addresses.shift() ?? "127.0.0.1",
  };
  const { mocks, monitor, resources } = createMonitor(sdk, {
    project: request.project,
    stack: request.stack,
    surroundings,
    transforms: new Transforms(request.program),
    kept: request.kept ?? {},
    refuse: (sentence) => {
      fail(new Sentence(sentence));
    },
  });
  await pulumi.runtime.setMocks(mocks, request.project, request.stack, false);
  setMockOptions(monitor, request.project, request.stack, false);
  pulumi.runtime.setAllConfig({ ...request.config, "aws:region": region }, []);

  let outputs: Record<string, unknown> = {};
  let done = false;
  process.on("beforeExit", () => {
    if (!done) {
      fail(
        new Sentence(
          "it waits for something that never comes: a promise that it awaits is never settled",
        ),
      );
      return;
    }
    // After the loop has run dry: an apply that waits for a timer may still create resources.
    reply({
      graph: { project: request.project, stack: request.stack, region, resources, outputs },
    });
  });
  const stackOutputs = await pulumi.runtime.runInPulumiStack(async () => {
    const module = (await import(pathToFileURL(request.program).href)) as Record<string, unknown>;
    return typeof module["default"] === "function"
      ? (module["default"] as () => unknown)()
      : { ...module };
  });
  done = true;
  await pulumi.runtime.disconnect();
  pulumi.output(stackOutputs).apply((known) => {
    outputs = plain(JSON.parse(JSON.stringify(known ?? {}))) as Record<string, unknown>;
  });
}

let replied = false;

function reply(message: EvaluationReply): void {
  if (replied) return;
  replied = true;
  // Referenced again until the message is out: this may be the last thing that keeps the process alive.
  process.channel?.ref();
  process.send?.(message, () => {
    process.disconnect();
  });
}

function fail(error: unknown): void {
  reply({ error: describe(error) });
  process.exitCode = 1;
}

/** An error that says all there is to say. */
class Sentence extends Error {}

/** Pulumi's own errors are sentences; of any other, the message and where it comes from. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return `it was rejected with ${String(error)}`;
  if (error instanceof Sentence || "__pulumiRunError" in error || "__pulumResourceError" in error)
    return error.message;
  const lines = (error.stack ?? error.message).split("\n");
  // A syntax error shows the place first, and its message below.
  const message = lines.findIndex((line) => line.includes(error.message.split("\n")[0] ?? ""));
  return lines.slice(0, Math.max(message, 0) + 3).join("\n");
}

process.on("unhandledRejection", fail);
process.on("uncaughtException", fail);
