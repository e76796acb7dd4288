import type * as Resources from "@pulumi/pulumi/proto/resource_pb.js";
import type * as PulumiMocks from "@pulumi/pulumi/runtime/mocks.js";
import { answer, invoke, type Surroundings } from "./answers.ts";
import type { GraphResource } from "./graph.ts";
import { readOptions, Registrations } from "./resource-options.ts";
import { TransformError, type Transforms } from "./transforms.ts";
import { urnOf } from "./urn.ts";
import { plain } from "./wire.ts";

type Callback = (error: Error | null, response?: unknown) => void;

/** What a monitor needs to know. */
export interface MonitorArgs {
  readonly project: string;
  readonly stack: string;
  readonly surroundings: Surroundings;
  readonly transforms: Transforms;
  /** Outputs of an earlier evaluation that a state would have kept, by URN. */
  readonly kept: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Ends the evaluation with a sentence. */
  readonly refuse: (sentence: string) => void;
}

/** Takes the engine's part: transforms what a program registers, answers it, and writes it down. */
export interface Monitor {
  readonly mocks: PulumiMocks.Mocks;
  readonly monitor: PulumiMocks.MockMonitor;
  readonly resources: readonly GraphResource[];
}

/** @param sdk the program's own copy. */
export function createMonitor(sdk: typeof PulumiMocks, args: MonitorArgs): Monitor {
  const { transforms, surroundings, refuse } = args;
  const resources: GraphResource[] = [];
  const urns = new Set<string>();
  const registrations = new Registrations(args);
  let current: Omit<GraphResource, "outputs" | "id"> | undefined;

  const mocks: PulumiMocks.Mocks = {
    newResource: ({ inputs, id: existing }) => {
      if (current === undefined)
        throw new Error("A resource was answered before it was registered.");
      const { id: made, outputs } = answer(current, surroundings);
      const id = existing === undefined || existing === "" ? made : existing;
      const answered = { ...outputs, ...args.kept[current.urn] };
      resources.push({ ...current, id, outputs: answered });
      return { id, state: { ...(inputs as object), ...answered } };
    },
    call: ({ token, inputs }) => invoke(token, inputs as Record<string, unknown>, surroundings),
  };

  /** Mocks do not show parents, dependencies and options; the request does. */
  class Recorder extends sdk.MockMonitor {
    override async registerResource(
      request: Resources.RegisterResourceRequest,
      callback: Callback,
    ): Promise<void> {
      const [type, name] = [request.getType(), request.getName()];
      const urn = urnOf(args, request.getParent(), type, name);
      if (urns.has(urn)) {
        refuse(`two resources have the URN ${urn}. Give one of them another name.`);
        return;
      }
      urns.add(urn);
      const wanted = transforms.register(urn, request);
      // Nothing is awaited without need: what is registered first is answered first.
      if (wanted.length > 0) {
        try {
          await transforms.apply(wanted, request);
        } catch (error) {
          if (!(error instanceof TransformError)) throw error;
          refuse(`a transform of the ${type} \`${name}\` failed: ${error.message}`);
          return;
        }
      }
      current = {
        urn,
        type,
        name,
        parent: request.getParent(),
        inputs: plain(request.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>,
        dependencies: request.getDependenciesList(),
        ignoreChanges: request.getIgnorechangesList(),
        options: registrations.options(urn, request),
      };
      await super.registerResource(request, callback);
    }

    override async readResource(
      request: Resources.ReadResourceRequest,
      callback: Callback,
    ): Promise<void> {
      const [type, name] = [request.getType(), request.getName()];
      current = {
        urn: urnOf(args, request.getParent(), type, name),
        type,
        name,
        parent: request.getParent(),
        inputs: plain(request.getProperties()?.toJavaScript() ?? {}) as Record<string, unknown>,
        dependencies: request.getDependenciesList(),
        ignoreChanges: [],
        options: readOptions(request),
      };
      await super.readResource(request, callback);
    }

    override async invoke(
      request: Resources.ResourceInvokeRequest,
      callback: Callback,
    ): Promise<void> {
      try {
        await transforms.applyToInvoke(request);
      } catch (error) {
        if (!(error instanceof TransformError)) throw error;
        refuse(`a transform of the lookup ${request.getTok()} failed: ${error.message}`);
        return;
      }
      await super.invoke(request, callback);
    }

    override registerStackTransform(
      ...[transform, callback]: Parameters<PulumiMocks.MockMonitor["registerStackTransform"]>
    ): void {
      transforms.addForStack(transform as Parameters<Transforms["addForStack"]>[0]);
      (callback as Callback)(null, {});
    }

    override registerStackInvokeTransform(
      ...[transform, callback]: Parameters<PulumiMocks.MockMonitor["registerStackInvokeTransform"]>
    ): void {
      transforms.addForInvokes(transform as Parameters<Transforms["addForInvokes"]>[0]);
      (callback as Callback)(null, {});
    }
  }
  const monitor = new Recorder(mocks);
  // The mock's own URNs leave out all parents but one, and so are not always unique.
  Object.assign(monitor, {
    newUrn: (parent: string, type: string, name: string) => urnOf(args, parent, type, name),
  });
  return { mocks, monitor, resources };
}
