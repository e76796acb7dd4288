import type { Graph, GraphResource } from "../../graph/graph.ts";
import { referenceName, References } from "../references.ts";
import { Secrets } from "../secrets.ts";
import { followed, type Compared } from "./following.ts";
import { matched, type Pair } from "./matching.ts";
import { isBelow, propertyChanges, type PropertyChange } from "./property-changes.ts";
import { created, gone, stepOf, type Action, type Step } from "./step.ts";

/** What a change likely does to a stack. */
export interface Plan {
  readonly steps: readonly Step[];
  readonly unchanged: number;
  /** What the program exports. */
  readonly outputs: readonly PropertyChange[];
}

/**
 * What a program's change likely does, from its two graphs alone.
 *
 * @param rebuilt URNs of images whose sources have changed: their digests will, too.
 */
export function planned(
  before: Graph,
  after: Graph,
  rebuilt: ReadonlySet<string> = new Set(),
): Plan {
  const { pairs, added, removed } = matched(before, after);
  const names = new Map(pairs.map((pair) => [pair.before.urn, pair.after.name]));
  const newNames = new References(after);
  const formerName = (resource: GraphResource): string => names.get(resource.urn) ?? resource.name;
  const oldNames = new References(before, formerName, newNames);
  const secrets = Secrets.of(before, after);
  const compared = pairs.map((pair): Compared => {
    const [old, young] = [oldNames.named(pair.before.inputs), newNames.named(pair.after.inputs)];
    const changes = propertyChanges(old, young)
      .filter(({ path }) => !pair.after.ignoreChanges.some((ignored) => isBelow(path, ignored)))
      .map((change) => shown(secrets, pair, change));
    return { pair, after: young, changes };
  });

  const made = new Set(
    pairs.flatMap(({ after: { urn, type, name } }) =>
      rebuilt.has(urn) ? [referenceName(type, name)] : [],
    ),
  );
  const follows = followed(compared, made);
  const steps = [
    ...compared.flatMap((each) => stepOf(each, follows.get(each) ?? [], rebuilt)),
    ...removed.map(gone),
    ...added.map((resource) => created(resource, newNames, secrets)),
  ].sort((left, right) => ORDER.indexOf(left.action) - ORDER.indexOf(right.action));
  return {
    steps,
    unchanged: after.resources.length - steps.filter(({ action }) => action !== "delete").length,
    outputs: propertyChanges(
      secrets.inValue(oldNames.named(before.outputs)),
      secrets.inValue(newNames.named(after.outputs)),
    ),
  };
}

const ORDER: readonly Action[] = ["replace", "delete", "create", "update", "move"];

/** A change without secrets: they are compared, and then hidden. */
function shown(secrets: Secrets, pair: Pair, change: PropertyChange): PropertyChange {
  const path = change.path.map((step) => ("key" in step ? step.key : undefined));
  return {
    ...change,
    ...("before" in change ? { before: secrets.inPart(pair.before, path, change.before) } : {}),
    ...("after" in change ? { after: secrets.inPart(pair.after, path, change.after) } : {}),
  };
}
