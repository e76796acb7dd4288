import type * as Aliases from "@pulumi/pulumi/proto/alias_pb.js";
import type * as Resources from "@pulumi/pulumi/proto/resource_pb.js";
import { aliasUrns, type Alias } from "./aliases.ts";
import type { ResourceOptions } from "./graph.ts";
import type { StackName } from "./urn.ts";
import { secretPaths } from "./wire.ts";

/** The options of resources, in the order in which they are registered: parents come first, and hand their aliases down. */
export class Registrations {
  readonly #stack: StackName;
  readonly #aliases = new Map<string, readonly string[]>();

  constructor(stack: StackName) {
    this.#stack = stack;
  }

  options(urn: string, request: Resources.RegisterResourceRequest): ResourceOptions {
    const aliases = aliasUrns(
      this.#stack,
      {
        type: request.getType(),
        name: request.getName(),
        parent: request.getParent(),
        aliases: request.getAliasesList().map(aliasOf),
      },
      this.#aliases.get(request.getParent()) ?? [],
    );
    this.#aliases.set(urn, aliases);
    return {
      kind: request.getCustom()
        ? "resource"
        : request.getRemote()
          ? "remote component"
          : "component",
      aliases,
      ...(request.getDeletebeforereplacedefined()
        ? { deleteBeforeReplace: request.getDeletebeforereplace() }
        : {}),
      replaceOnChanges: request.getReplaceonchangesList(),
      retainOnDelete: request.getRetainondelete() ?? false,
      protect: request.getProtect() ?? false,
      secretInputs: secretPaths(request.getObject()?.toJavaScript() ?? {}),
      secretOutputs: request.getAdditionalsecretoutputsList(),
    };
  }
}

/** The options of a resource that exists already. */
export function readOptions(request: Resources.ReadResourceRequest): ResourceOptions {
  return {
    kind: "read",
    aliases: [],
    replaceOnChanges: [],
    retainOnDelete: false,
    protect: false,
    secretInputs: secretPaths(request.getProperties()?.toJavaScript() ?? {}),
    secretOutputs: request.getAdditionalsecretoutputsList(),
  };
}

function aliasOf(alias: Aliases.Alias): Alias {
  const spec = alias.getSpec();
  if (spec === undefined) return { urn: alias.getUrn() };
  return {
    name: spec.getName(),
    type: spec.getType(),
    stack: spec.getStack(),
    project: spec.getProject(),
    parentUrn: spec.getParenturn(),
    noParent: spec.getNoparent(),
  };
}
