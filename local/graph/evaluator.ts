/**
 * The child process that evaluates a program. A process of its own, since an error in an apply arrives as an unhandled rejection,
 * and since a second evaluation in one process would get the first one's modules from the cache.
 */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type * as Pulumi from "@pulumi/pulumi";
import type * as PulumiMocks from "@pulumi/pulumi/runtime/mocks.js";
import type * as PulumiSettings from "@pulumi/pulumi/runtime/settings.js";
import { answer, invoke } from "./answers.ts";
import type { Graph, GraphResource } from "./graph.ts";

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

/** How the engine's protocol marks values that are not plain JSON (sdk/nodejs/runtime/rpc.ts). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e";

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
  const { MockMonitor } = require("@pulumi/pulumi/runtime/mocks.js") as typeof PulumiMocks;
  const { setMockOptions } = require("@pulumi/pulumi/runtime/settings.js") as typeof PulumiSettings;

  const region = request.config["aws:region"] ?? process.env["AWS_REGION"] ?? "us-east-1";
  const addresses = [...request.loadBalancerAddresses];
  const surroundings = {
    region,
    nextLoadBalancerAddress: () => addresses.shift() ?? "127.0.0.1",
  };
  const resources: GraphResource[] = [];
  const urns = new Set<string>();
  let current: Omit<GraphResource, "outputs" | "id"> | undefined;

  /** Mocks do not show parents, dependencies and options; the request does. */
  class Recorder extends MockMonitor {
    override async registerResource(
      ...[registration, callback]: Parameters<PulumiMocks.MockMonitor["registerResource"]>
    ): Promise<void> {
      const asked = registration as Registration;
      const urn = urnOf(request, asked.getParent(), asked.getType(), asked.getName());
      if (urns.has(urn)) {
        fail(new Sentence(`two resources have the URN ${urn}. Give one of them another name.`));
        return;
      }
      urns.add(urn);
      current = {
        urn,
        type: asked.getType(),
        name: asked.getName(),
        parent: asked.getParent(),
        inputs: plain(asked.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>,
        dependencies: asked.getDependenciesList(),
        ignoreChanges: asked.getIgnorechangesList(),
      };
      await super.registerResource(registration, callback);
    }
  }
  const mocks: PulumiMocks.Mocks = {
    newResource: ({ inputs }) => {
      if (current === undefined)
        throw new Error("A resource was answered before it was registered.");
      const { id, outputs: made } = answer(current, surroundings);
      const answered = { ...made, ...request.kept?.[current.urn] };
      resources.push({ ...current, id, outputs: answered });
      return { id, state: { ...(inputs as object), ...answered } };
    },
    call: ({ token, inputs }) => invoke(token, inputs as Record<string, unknown>, surroundings),
  };
  await pulumi.runtime.setMocks(mocks, request.project, request.stack, false);
  const monitor = new Recorder(mocks);
  // The mock's own URNs leave out all parents but one, and so are not always unique.
  Object.assign(monitor, {
    newUrn: (parent: string, type: string, name: string) => urnOf(request, parent, type, name),
  });
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

/** The methods of the engine's request message that are read here. */
interface Registration {
  getType(): string;
  getName(): string;
  getParent(): string;
  getObject(): { toJavaScript(): unknown } | undefined;
  getDependenciesList(): string[];
  getIgnorechangesList(): string[];
}

/** As the engine builds it: the types of all parents but the stack, then the resource's own. */
function urnOf(
  { project, stack }: EvaluationRequest,
  parent: string,
  type: string,
  name: string,
): string {
  const parentType = parent === "" ? "" : (parent.split("::")[2] ?? "");
  const qualified =
    parentType === "" || parentType === "pulumi:pulumi:Stack" ? type : `${parentType}$${type}`;
  return `urn:pulumi:${stack}::${project}::${qualified}::${name}`;
}

/** Plain JSON of a value of the engine's protocol: secrets and outputs unwrapped, resources as their ids, assets as their paths. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  const record = value as Record<string, unknown>;
  switch (record[SIGNATURE]) {
    case SECRET:
    case OUTPUT:
      return plain(record["value"]);
    case RESOURCE:
      return record["id"] ?? record["urn"];
    case undefined:
      return Object.fromEntries(Object.entries(record).map(([key, item]) => [key, plain(item)]));
    default:
      return record["path"] ?? record["text"] ?? record["uri"];
  }
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
