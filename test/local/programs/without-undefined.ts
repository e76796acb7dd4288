/**
 * Runs another program, and fails where a resource is given `undefined`, or anything that holds or becomes it. In a graph that shows no more: JSON has no
 * word for it, so that the key vanishes, on the way to the engine as here.
 */
import Module, { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import * as pulumi from "@pulumi/pulumi";

type Construct = (...args: unknown[]) => unknown;

/** Refused while it is constructed: under an output nobody would wait for it. */
function refuse(what: string, resource: string): never {
  throw new pulumi.RunError(`\`${what}\` of ${resource} is undefined.`);
}

/** Where in a value `undefined` is. */
function* undefinedIn(value: unknown, path: string): Generator<string> {
  if (value === undefined) yield path;
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* undefinedIn(item, `${path}[${index}]`);
  } else if (value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    for (const [key, item] of Object.entries(value)) yield* undefinedIn(item, `${path}.${key}`);
  }
}

const require = createRequire(import.meta.url);

/** What a resource registers, outputs and all: those are looked into when they are known. */
function watchRegistrations(): void {
  const runtime = require("@pulumi/pulumi/runtime/resource.js") as { registerResource: Construct };
  const { registerResource } = runtime;
  runtime.registerResource = (...args) => {
    const [, , type, name, , , , properties] = args;
    for (const [key, value] of Object.entries(properties as Record<string, unknown>)) {
      // The SDK's classes name every input that there is.
      if (value === undefined) continue;
      (pulumi.output(value) as pulumi.Output<unknown>).apply((known) => {
        if (known === undefined && DECIDED_LATE.has(key)) return;
        for (const path of undefinedIn(known, key)) refuse(path, `${String(type)} ${String(name)}`);
      });
    }
    return registerResource(...args);
  };
}

/** What a resource's constructor is given: there an input that is `undefined` can still be told from one that is not given. */
function watchConstructors(): void {
  const loader = Module as unknown as { _load: (...args: unknown[]) => unknown };
  const load = loader._load.bind(loader);
  const watched = new WeakSet<object>();
  loader._load = (...args) => {
    const loaded = load(...args);
    if (loaded === null || typeof loaded !== "object" || watched.has(loaded)) return loaded;
    watched.add(loaded);
    for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(loaded))) {
      const value: unknown = descriptor.value;
      if (descriptor.writable !== true || !isResourceClass(value)) continue;
      Object.assign(loaded, { [key]: new Proxy(value, { construct }) });
    }
    return loaded;
  };
}

function isResourceClass(value: unknown): value is Class {
  return typeof value === "function" && "__pulumiType" in value;
}

type Class = new (...args: unknown[]) => object;

function construct(target: Class, args: unknown[], newTarget: unknown): object {
  const [name, inputs] = args;
  for (const [key, value] of Object.entries(inputs ?? {})) {
    if (value === undefined && !OPTIONAL.has(key)) refuse(key, `${target.name} ${String(name)}`);
  }
  return Reflect.construct<unknown[], object>(target, args, newTarget as Class);
}

/** What every resource is handed on from the component, whether a user has given it or not; the SDK takes it as not given. */
const OPTIONAL = new Set(["tags"]);

/**
 * What only an output of the platform or of the user can tell is not given: no key of AWS KMS, no alarm that takes deployments back. The SDK does not send
 * an output of `undefined`.
 */
const DECIDED_LATE = new Set(["alarms", "kmsKeyId"]);

export default async function run(): Promise<unknown> {
  watchConstructors();
  watchRegistrations();
  const config = new pulumi.Config("without-undefined");
  const module = (await import(pathToFileURL(config.require("program")).href)) as {
    readonly PROGRAMS?: readonly { readonly name: string; readonly run: () => Promise<unknown> }[];
  };
  const name = config.get("name");
  return name === undefined
    ? { ...module }
    : module.PROGRAMS?.find((each) => each.name === name)?.run();
}
