import { createRequire } from "node:module";
import type * as Grpc from "@grpc/grpc-js";
import type * as Structs from "google-protobuf/google/protobuf/struct_pb.js";
import type * as CallbackServices from "@pulumi/pulumi/proto/callback_grpc_pb.js";
import type * as Callbacks from "@pulumi/pulumi/proto/callback_pb.js";
import type * as Resources from "@pulumi/pulumi/proto/resource_pb.js";
import { dependenciesOf, withOutputs, withoutOutputs } from "./wire.ts";

type Fields = Record<string, unknown>;

/** A transform, as the engine calls it: an address and a token. */
type Callback = Callbacks.Callback;

/** A transform that threw; its message says what. */
export class TransformError extends Error {}

/**
 * Runs a program's transforms as the engine does (pkg/resource/deploy/source_eval.go): a resource's own first, then those of its parents from
 * the nearest up, the stack's last; each gets what the one before it made. They are called over the engine's own protocol, so that the SDK
 * unpacks and packs properties and options just as under `pulumi up`.
 */
export class Transforms {
  readonly #require: NodeJS.Require;
  readonly #clients = new Map<string, CallbackServices.CallbacksClient>();
  readonly #stack: Callback[] = [];
  readonly #stackInvokes: Callback[] = [];
  readonly #registered = new Map<
    string,
    { readonly parent: string; readonly own: readonly Callback[] }
  >();

  /** @param program where the program's own copy of the SDK is found from. */
  constructor(program: string) {
    this.#require = createRequire(createRequire(program).resolve("@pulumi/pulumi"));
  }

  /** Transforms of all resources from now on. */
  addForStack(callback: Callback): void {
    this.#stack.push(callback);
  }

  /** Transforms of all lookups from now on. */
  addForInvokes(callback: Callback): void {
    this.#stackInvokes.push(callback);
  }

  /** What runs on this resource, in order; its own are remembered for its children. */
  register(urn: string, request: Resources.RegisterResourceRequest): readonly Callback[] {
    const own = request.getTransformsList();
    this.#registered.set(urn, { parent: request.getParent(), own });
    const all = [...own];
    let parent = this.#registered.get(request.getParent());
    while (parent !== undefined) {
      all.push(...parent.own);
      parent = this.#registered.get(parent.parent);
    }
    return [...all, ...this.#stack];
  }

  /**
   * Changes a request as its transforms want it, with those of its options that the graph shows. The parent is not among what a transform
   * answers: a changed one is ignored, as by the engine.
   *
   * @throws {TransformError}
   */
  async apply(
    transforms: readonly Callback[],
    request: Resources.RegisterResourceRequest,
  ): Promise<void> {
    const { TransformRequest, TransformResponse } = this.#messages();
    const isOwn = request.getTransformsList().length > 0;
    const dependencies = new Map<string, readonly string[]>();
    if (isOwn) {
      request.getPropertydependenciesMap().forEach((urns, property) => {
        dependencies.set(property, urns.getUrnsList());
      });
    }
    let properties = this.#struct(withOutputs(fieldsOf(request.getObject()), dependencies));
    let options = this.#options(request);
    for (const transform of transforms) {
      const asked = new TransformRequest()
        .setType(request.getType())
        .setName(request.getName())
        .setCustom(request.getCustom())
        .setParent(request.getParent())
        .setProperties(properties)
        .setOptions(options);
      const response = TransformResponse.deserializeBinary(
        await this.#call(transform, asked.serializeBinary()),
      );
      properties = response.getProperties() ?? properties;
      options = response.getOptions() ?? options;
    }
    const made = fieldsOf(properties);
    request.setObject(this.#struct(withoutOutputs(made) as Fields));
    request.setIgnorechangesList(options.getIgnoreChangesList());
    request.setReplaceonchangesList(options.getReplaceOnChangesList());
    request.setAdditionalsecretoutputsList(options.getAdditionalSecretOutputsList());
    request.setAliasesList(options.getAliasesList());
    request.setProtect(options.getProtect() ?? false);
    request.setRetainondelete(options.getRetainOnDelete() ?? false);
    request.setDeletebeforereplacedefined(options.hasDeleteBeforeReplace());
    request.setDeletebeforereplace(options.getDeleteBeforeReplace() ?? false);
    // As in the engine: the dependencies are read anew only where the resource itself has transforms.
    if (isOwn) {
      request.setDependenciesList([
        ...new Set([...options.getDependsOnList(), ...dependenciesOf(made)]),
      ]);
    }
  }

  /**
   * Changes the arguments of a lookup.
   *
   * @throws {TransformError}
   */
  async applyToInvoke(request: Resources.ResourceInvokeRequest): Promise<void> {
    const { TransformInvokeRequest, TransformInvokeResponse, TransformInvokeOptions } =
      this.#messages();
    let args = this.#struct(withOutputs(fieldsOf(request.getArgs()), new Map()));
    let options = new TransformInvokeOptions().setProvider(request.getProvider());
    for (const transform of this.#stackInvokes) {
      const asked = new TransformInvokeRequest()
        .setToken(request.getTok())
        .setArgs(args)
        .setOptions(options);
      const response = TransformInvokeResponse.deserializeBinary(
        await this.#call(transform, asked.serializeBinary()),
      );
      args = response.getArgs() ?? args;
      options = response.getOptions() ?? options;
    }
    request.setArgs(this.#struct(withoutOutputs(fieldsOf(args)) as Fields));
  }

  #options(request: Resources.RegisterResourceRequest): Resources.TransformResourceOptions {
    const { TransformResourceOptions } = this.#messages();
    const options = new TransformResourceOptions()
      .setDependsOnList(request.getDependenciesList())
      .setIgnoreChangesList(request.getIgnorechangesList())
      .setReplaceOnChangesList(request.getReplaceonchangesList())
      .setReplaceWithList(request.getReplaceWithList())
      .setAdditionalSecretOutputsList(request.getAdditionalsecretoutputsList())
      .setAliasesList(request.getAliasesList())
      .setVersion(request.getVersion())
      .setPluginDownloadUrl(request.getPlugindownloadurl())
      .setProvider(request.getProvider())
      .setDeletedWith(request.getDeletedwith())
      .setImport(request.getImportid())
      .setHideDiffList(request.getHidediffsList())
      .setCustomTimeouts(request.getCustomtimeouts())
      .setReplacementTrigger(request.getReplacementTrigger())
      .setHooks(request.getHooks());
    if (request.hasProtect()) options.setProtect(request.getProtect() ?? false);
    if (request.hasRetainondelete())
      options.setRetainOnDelete(request.getRetainondelete() ?? false);
    if (request.getDeletebeforereplacedefined())
      options.setDeleteBeforeReplace(request.getDeletebeforereplace());
    request.getProvidersMap().forEach((reference, name) => {
      options.getProvidersMap().set(name, reference);
    });
    return options;
  }

  /** One call of a callback. */
  async #call(callback: Callback, message: Uint8Array): Promise<Uint8Array> {
    const { CallbackInvokeRequest } = this.#require("./proto/callback_pb.js") as typeof Callbacks;
    const request = new CallbackInvokeRequest().setToken(callback.getToken()).setRequest(message);
    const client = this.#client(callback.getTarget());
    return new Promise((resolve, reject) => {
      client.invoke(request, (error, response) => {
        if (error === null) resolve(response.getResponse_asU8());
        else reject(new TransformError(error.details.replace(/^transform failed: /u, "")));
      });
    });
  }

  #client(target: string): CallbackServices.CallbacksClient {
    const known = this.#clients.get(target);
    if (known !== undefined) return known;
    const { credentials } = this.#require("@grpc/grpc-js") as typeof Grpc;
    const { CallbacksClient } = this.#require(
      "./proto/callback_grpc_pb.js",
    ) as typeof CallbackServices;
    const client = new CallbacksClient(target, credentials.createInsecure(), {
      // It is this very process; and a container definition may be long.
      "grpc.enable_http_proxy": 0,
      "grpc.max_receive_message_length": -1,
    });
    this.#clients.set(target, client);
    return client;
  }

  #messages(): typeof Resources {
    return this.#require("./proto/resource_pb.js") as typeof Resources;
  }

  #struct(fields: Fields): Structs.Struct {
    const { Struct } = this.#require(
      "google-protobuf/google/protobuf/struct_pb.js",
    ) as typeof Structs;
    return Struct.fromJavaScript(fields as Parameters<typeof Struct.fromJavaScript>[0]);
  }
}

function fieldsOf(struct: Structs.Struct | undefined): Fields {
  return struct?.toJavaScript() ?? {};
}
