/**
 * A stand-in for the providers of aws, random and docker-build: `node custom.ts <package>`, started by the engine as a plugin. It speaks the
 * engine's protocol itself, since the SDK's provider server knows neither previews of creations nor provider configuration.
 */
import { createHash, randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire, flushCompileCache } from "node:module";
import { join, relative } from "node:path";
import type * as Grpc from "@grpc/grpc-js";
import { answer, invoke } from "../../../local/graph/answers.ts";
import createOnly from "../create-only.json" with { type: "json" };
import { Cloud, type CloudState, type Existing } from "./cloud.ts";
import { refuseCreate, refuseDelete } from "./rules.ts";
import { toStruct, unwrap, UNKNOWN, wrap, type Struct } from "./wire.ts";

const REGION = "us-east-1";
const surroundings = {
  region: REGION,
  nextLoadBalancerAddress: () => "internal-stand-in.us-east-1.elb.amazonaws.com",
};
const PACKAGE = process.argv[2] ?? "";
const cloud = new Cloud(process.env["STAND_IN_CLOUD"] ?? "");
const require = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi"));
const grpc = require("@grpc/grpc-js") as typeof Grpc;
/** Generated code without usable types: the few methods called on its messages are named where they are called. */
type Messages = Record<string, new () => Record<string, (value: unknown) => void>>;
const messages = require("@pulumi/pulumi/proto/provider_pb.js") as Messages;
const plugin = require("@pulumi/pulumi/proto/plugin_pb.js") as Messages;
const { Empty } = require("google-protobuf/google/protobuf/empty_pb.js") as Messages;
const service = (
  require("@pulumi/pulumi/proto/provider_grpc_pb.js") as {
    ResourceProviderService: Grpc.ServiceDefinition;
  }
).ResourceProviderService;

type Values = Record<string, unknown>;

/** Properties that are secret whatever they were made from. */
const ALWAYS_SECRET: Readonly<Record<string, readonly string[]>> = {
  "random:index/randomPassword:RandomPassword": ["result", "bcryptHash"],
  "aws:cognito/userPoolClient:UserPoolClient": ["clientSecret"],
  "aws:secretsmanager/secretVersion:SecretVersion": ["secretString"],
};

/** What has a `name` that the provider makes up; the others are known by ids alone. */
const NAMED =
  /^aws:(?:ecs\/(?:cluster|service)|lb\/(?:loadBalancer|targetGroup)|iam\/role|iam\/rolePolicy|cloudwatch\/logGroup|cloudwatch\/metricAlarm|secretsmanager\/secret|ec2\/securityGroup|appautoscaling\/policy|appautoscaling\/scheduledAction|ecr\/repository):/u;
const SHORT_NAMED = /^aws:lb\/(?:loadBalancer|targetGroup):/u;

function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/** Names are made up once, and kept. */
function check(
  urn: string,
  olds: Values,
  news: Values,
): { inputs: Values; failures: { property: string; reason: string }[] } {
  const type = typeOf(urn);
  const inputs = { ...news };
  const failures: { property: string; reason: string }[] = [];
  if (NAMED.test(type) && inputs["name"] === undefined) {
    const prefix = inputs["namePrefix"];
    const made = typeof prefix === "string" ? prefix : `${nameOf(urn)}-`;
    inputs["name"] = olds["name"] ?? `${made}${randomBytes(4).toString("hex").slice(0, 7)}`;
  }
  if (SHORT_NAMED.test(type) && String(inputs["name"]).length > 32) {
    failures.push({
      property: "name",
      reason: `"name" cannot be longer than 32 characters: ${String(inputs["name"])}`,
    });
  }
  return { inputs, failures };
}

interface Difference {
  readonly changed: string[];
  readonly replaces: string[];
}

/** What differs, and which of it AWS cannot change in place; unknown values count as changed. */
function difference(type: string, olds: Values, news: Values): Difference {
  const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])];
  const changed = keys.filter((key) => canonical(olds[key]) !== canonical(news[key]));
  const fixed = (createOnly.types as Record<string, string[]>)[type] ?? [];
  const replaces = fixed.filter(
    (path) => canonical(valueAt(olds, path)) !== canonical(valueAt(news, path)),
  );
  return { changed, replaces: replaces.map((path) => path.split(".")[0] ?? "") };
}

/** The value at a path such as `network.subnets`. */
function valueAt(values: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (value, key) =>
        typeof value === "object" && value !== null ? (value as Values)[key] : undefined,
      values,
    );
}

/** JSON with sorted keys; an object around the value, since JSON has no word for what is missing. */
function canonical(value: unknown): string {
  return JSON.stringify({ value }, (_key, item: unknown) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([left], [right]) => (left < right ? -1 : 1)))
      : item,
  );
}

function create(urn: string, inputs: Values, preview: boolean): { id: string; outputs: Values } {
  const type = typeOf(urn);
  const name = nameOf(urn);
  const asked = {
    urn: preview ? urn : `${urn}#${randomBytes(8).toString("hex")}`,
    type,
    name,
    inputs,
  };
  const { id, outputs } = answer(asked, surroundings);
  if (type === "docker-build:index:Image") Object.assign(outputs, buildResult(inputs));
  if (preview) {
    const unknown = Object.fromEntries(Object.keys(outputs).map((key) => [key, UNKNOWN]));
    return { id: "", outputs: { ...unknown, ...inputs } };
  }
  failAsTold(`${type} ${name}`);
  return cloud.change(PACKAGE, (state) => {
    const refused = refuseCreate(state, type, inputs);
    if (refused !== undefined) throw new Error(refused);
    const made: Existing = {
      type,
      urn,
      id: id || name,
      inputs,
      outputs: { ...outputs, ...inputs, region: REGION },
    };
    if (type === "aws:ecs/taskDefinition:TaskDefinition") number(made, state.revisions);
    state.existing.push(made);
    state.log.push(`create ${type} ${name}`);
    return { id: made.id, outputs: made.outputs };
  });
}

/** Fails once where a test has asked for it. */
function failAsTold(what: string): void {
  const told = cloud.change(PACKAGE, ({ failures }) => {
    const index = failures.indexOf(what);
    if (index >= 0) failures.splice(index, 1);
    return index >= 0;
  });
  if (told) throw new Error(`${what}: the stand-in was told to fail here, once`);
}

/** Task definitions have no ids but their ARNs, which end with a revision that only grows. */
function number(made: Existing, revisions: Record<string, number>): void {
  const family = String(made.inputs["family"]);
  const revision = (revisions[family] ?? 0) + 1;
  revisions[family] = revision;
  const arn = String(made.outputs["arn"]).replace(/:\d+$/u, `:${revision}`);
  Object.assign(made.outputs, { arn, revision });
  Object.assign(made, { id: arn });
}

/** A digest of everything that the build sees: unchanged sources give an unchanged address. */
function buildResult(inputs: Values): Values {
  const hash = createHash("sha256").update(canonical(inputs));
  const location = (inputs["context"] as { location?: string } | undefined)?.location ?? ".";
  for (const file of readdirSync(location, { recursive: true, encoding: "utf8" }).sort()) {
    const path = join(location, file);
    if (statSync(path).isFile()) hash.update(relative(location, path)).update(readFileSync(path));
  }
  const digest = `sha256:${hash.digest("hex")}`;
  return {
    digest,
    ref: `${(inputs["tags"] as string[] | undefined)?.[0] ?? "image"}@${digest}`,
    contextHash: digest,
  };
}

/** Each update of a launch template is a new version of it. */
function nextVersion({ latestVersion }: Values): Values {
  return typeof latestVersion === "number" ? { latestVersion: latestVersion + 1 } : {};
}

/** The id alone is not enough: that of every random value is `none`, and the real provider reads it from the state. */
function find({ existing }: CloudState, urn: string, id: string): Existing | undefined {
  return existing.find((each) => each.id === id && each.urn === urn);
}

function update(urn: string, id: string, inputs: Values): Values {
  const type = typeOf(urn);
  return cloud.change(PACKAGE, (state) => {
    const existing = find(state, urn, id);
    if (existing === undefined) throw new Error(`NotFound: ${id}`);
    const made =
      type === "docker-build:index:Image" ? buildResult(inputs) : nextVersion(existing.outputs);
    Object.assign(existing, { inputs, outputs: { ...existing.outputs, ...inputs, ...made } });
    state.log.push(`update ${type} ${nameOf(urn)}`);
    return existing.outputs;
  });
}

function remove(urn: string, id: string): void {
  const type = typeOf(urn);
  cloud.change(PACKAGE, (state) => {
    const doomed = find(state, urn, id);
    if (doomed === undefined) return;
    const refused = refuseDelete(state, doomed);
    if (refused !== undefined) throw new Error(refused);
    state.existing.splice(state.existing.indexOf(doomed), 1);
    state.log.push(`delete ${type} ${nameOf(urn)}`);
  });
}

/** The parts of requests and responses that are read and written here. */
interface Request {
  getUrn(): string;
  getId(): string;
  getTok(): string;
  getPreview(): boolean;
  getArgs(): Struct | undefined;
  getNews(): Struct | undefined;
  getOlds(): Struct | undefined;
  getOldInputs(): Struct | undefined;
  getProperties(): Struct | undefined;
  getInputs(): Struct | undefined;
}

const values = (struct: Struct | undefined): Values => struct?.toJavaScript() ?? {};

function message(kind: Messages[string] | undefined, fields: Values): unknown {
  if (kind === undefined) throw new Error("The message is not in the SDK's protocol files.");
  const made = new kind();
  for (const [setter, value] of Object.entries(fields)) made[`set${setter}`]?.(value);
  return made;
}

/** Properties of an answer, with secrets marked: those that came in, and those that always are. */
function sealed(type: string, outputs: Values, secrets: ReadonlySet<string>): Struct {
  return toStruct(
    wrap(
      outputs,
      new Set([...secrets, ...(ALWAYS_SECRET[type] ?? [])].filter((key) => key in outputs)),
    ),
  );
}

const handlers: Record<string, (request: Request) => unknown> = {
  getPluginInfo: () => message(plugin["PluginInfo"], { Version: "7.48.0" }),
  checkConfig: (request) => message(messages["CheckResponse"], { Inputs: request.getNews() }),
  diffConfig: () => message(messages["DiffResponse"], {}),
  configure: () =>
    message(messages["ConfigureResponse"], { Acceptsecrets: true, Supportspreview: true }),
  check: (request) => {
    const news = unwrap(values(request.getNews()));
    const olds = unwrap(values(request.getOlds()));
    const { inputs, failures } = check(request.getUrn(), olds.plain, news.plain);
    return message(messages["CheckResponse"], {
      Inputs: toStruct(wrap(inputs, news.secrets)),
      FailuresList: failures.map(({ property, reason }) =>
        message(messages["CheckFailure"], { Property: property, Reason: reason }),
      ),
    });
  },
  diff: (request) => {
    const olds = unwrap(values(request.getOldInputs())).plain;
    const news = unwrap(values(request.getNews())).plain;
    const { changed, replaces } = difference(typeOf(request.getUrn()), olds, news);
    return message(messages["DiffResponse"], {
      Changes: changed.length > 0 ? 2 : 1,
      DiffsList: changed,
      ReplacesList: replaces,
    });
  },
  create: (request) => {
    const { plain, secrets } = unwrap(values(request.getProperties()));
    const { id, outputs } = create(request.getUrn(), plain, request.getPreview());
    return message(messages["CreateResponse"], {
      Id: id,
      Properties: sealed(typeOf(request.getUrn()), outputs, secrets),
    });
  },
  read: (request) => {
    const existing = find(cloud.read(PACKAGE), request.getUrn(), request.getId());
    if (existing === undefined) return message(messages["ReadResponse"], {});
    const { secrets } = unwrap(values(request.getInputs()));
    return message(messages["ReadResponse"], {
      Id: existing.id,
      Properties: sealed(existing.type, existing.outputs, secrets),
      Inputs: toStruct(wrap(existing.inputs, secrets)),
    });
  },
  update: (request) => {
    const { plain, secrets } = unwrap(values(request.getNews()));
    const olds = unwrap(values(request.getOlds())).plain;
    const outputs = request.getPreview()
      ? { ...olds, ...plain, ...("latestVersion" in olds ? { latestVersion: UNKNOWN } : {}) }
      : update(request.getUrn(), request.getId(), plain);
    return message(messages["UpdateResponse"], {
      Properties: sealed(typeOf(request.getUrn()), outputs, secrets),
    });
  },
  delete: (request) => {
    remove(request.getUrn(), request.getId());
    return message(Empty, {});
  },
  invoke: (request) =>
    message(messages["InvokeResponse"], {
      Return: toStruct(
        invoke(request.getTok(), unwrap(values(request.getArgs())).plain, surroundings),
      ),
    }),
  cancel: () => message(Empty, {}),
};

const server = new grpc.Server({
  "grpc.max_receive_message_length": -1,
  "grpc.max_send_message_length": -1,
});
server.addService(
  service,
  Object.fromEntries(
    Object.entries(handlers).map(
      ([name, handle]): [string, Grpc.handleUnaryCall<Request, unknown>] => [
        name,
        (call, reply) => {
          try {
            reply(null, handle(call.request));
          } catch (error) {
            reply({
              code: grpc.status.UNKNOWN,
              details: error instanceof Error ? error.message : String(error),
            });
          }
        },
      ],
    ),
  ),
);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  // The engine reads the port from the first line.
  console.log(port);
  // It kills its plugins, which then write nothing.
  flushCompileCache();
});
