import type { GraphResource } from "../../graph/graph.ts";
import { label } from "../labels.ts";
import type { References } from "../references.ts";
import type { Secrets } from "../secrets.ts";
import { causes, type Compared, type FollowedReference } from "./following.ts";
import type { PropertyChange } from "./property-changes.ts";
import { isDeletedFirst } from "./replacement.ts";

export type Action = "replace" | "delete" | "create" | "update" | "move";

/** A resource as it may be shown: what it is, and nothing of what it holds. */
export interface Subject {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly parent: string;
  readonly isComponent: boolean;
}

/** What a change likely does to one resource. */
export interface Step {
  readonly action: Action;
  readonly resource: Subject;
  /** Of a new one: its inputs, with references by name and without secrets. */
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly label: string;
  readonly changes: readonly PropertyChange[];
  readonly follows: readonly FollowedReference[];
  /** The properties that a replacement is for. */
  readonly because: readonly string[];
  /** Remarks, a sentence each without its full stop. */
  readonly notes: readonly string[];
}

/** What happens to a resource that is in both graphs; nothing, or one step. */
export function stepOf(
  each: Compared,
  follows: readonly FollowedReference[],
  rebuilt: ReadonlySet<string>,
): Step[] {
  const { pair, changes } = each;
  const { before, after } = pair;
  const kind = after.options?.kind ?? "resource";
  const isRebuilt = rebuilt.has(after.urn);
  const moved = before.urn !== after.urn;
  // A component has nothing of its own on AWS; what changes in it are its children.
  const isSilent = kind === "component" && !moved;
  if (isSilent || (changes.length === 0 && follows.length === 0 && !moved && !isRebuilt)) return [];
  const because = causes(each, follows);
  const isReplaced = kind === "resource" && (because ?? []).length > 0;
  const onlyMoved = changes.length === 0 && follows.length === 0 && !isRebuilt;
  const notes = [
    ...(moved ? [`was \`${label(before)}\`; an alias keeps it`] : []),
    ...(isReplaced
      ? [
          isDeletedFirst(pair)
            ? "the old one is deleted before the new one is made"
            : "the new one is made before the old one is deleted",
        ]
      : []),
    ...(isReplaced && after.options?.protect === true
      ? ["it is protected, so that Pulumi will refuse"]
      : []),
    ...(isRebuilt
      ? ["the files that it is built from have changed: its digest changes if the image does"]
      : []),
    ...(kind === "remote component"
      ? ["its resources are made by another package, and are not seen here"]
      : []),
    ...(kind === "resource" && because === undefined && !onlyMoved
      ? ["whether in place or by replacement is unknown for this type"]
      : []),
    ...(changes.length > 0 &&
    changes.every((change) => change.kind === "order") &&
    follows.length === 0
      ? ["order or spelling alone: the provider most likely sees no change"]
      : []),
  ];
  return [
    {
      action: isReplaced ? "replace" : onlyMoved ? "move" : "update",
      ...bare(after),
      changes,
      follows,
      because: isReplaced ? [...new Set((because ?? []).map(firstKey))] : [],
      notes,
    },
  ];
}

/** The property that a path lies in. */
function firstKey(path: string): string {
  return path.split(/[.[]/u)[0] ?? path;
}

/** A resource that is new. */
export function created(resource: GraphResource, names: References, secrets: Secrets): Step {
  const named = names.named(resource.inputs) as Record<string, unknown>;
  return { ...bare(resource), action: "create", inputs: secrets.inputs(resource, named) };
}

/** A resource that is not there any more. */
export function gone(resource: GraphResource): Step {
  const { options } = resource;
  return {
    ...bare(resource),
    action: "delete",
    notes: [
      ...(options?.retainOnDelete === true
        ? ["retainOnDelete: it stays on AWS, and leaves the stack"]
        : []),
      ...(options?.protect === true ? ["it is protected, so that Pulumi will refuse"] : []),
    ],
  };
}

function bare({ urn, type, name, parent, options }: GraphResource): Omit<Step, "action"> {
  return {
    resource: { urn, type, name, parent, isComponent: options?.kind === "component" },
    inputs: {},
    label: label({ type, name }),
    changes: [],
    follows: [],
    because: [],
    notes: [],
  };
}
