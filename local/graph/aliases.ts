import { nameOf, urnOf, type StackName } from "./urn.ts";

/** An alias as a program gives it: a URN, or what differs from the resource's own. */
export type Alias =
  | { readonly urn: string }
  | {
      readonly name: string;
      readonly type: string;
      readonly stack: string;
      readonly project: string;
      readonly parentUrn: string;
      readonly noParent: boolean;
    };

/** A resource whose aliases are asked for. */
export interface Aliased {
  readonly type: string;
  readonly name: string;
  readonly parent: string;
  readonly aliases: readonly Alias[];
}

/**
 * The URNs that a resource may have had, as the engine finds them (pkg/resource/deploy/step_generator.go, `generateAliases`): its own aliases,
 * and each of its names below each alias of its parent.
 *
 * @param ofParent the URNs that the parent may have had.
 */
export function aliasUrns(
  stack: StackName,
  resource: Aliased,
  ofParent: readonly string[],
): string[] {
  const own = resource.aliases.map((alias) => collapsed(stack, resource, alias));
  const names = [
    { type: resource.type, name: resource.name },
    ...own.map((urn) => ({ type: typeOf(urn), name: nameOf(urn) })),
  ];
  const inherited = ofParent.flatMap((parent) =>
    names.map(({ type, name }) =>
      urnOf(stack, parent, type, below(name, nameOf(resource.parent), nameOf(parent))),
    ),
  );
  return [...new Set([...own, ...inherited])];
}

function collapsed(stack: StackName, resource: Aliased, alias: Alias): string {
  if ("urn" in alias) return alias.urn;
  const parent = alias.noParent ? "" : alias.parentUrn || resource.parent;
  return urnOf(
    { stack: alias.stack || stack.stack, project: alias.project || stack.project },
    parent,
    alias.type || resource.type,
    alias.name || resource.name,
  );
}

/** The engine takes a child's name that begins with its parent's to follow a change of that. */
function below(name: string, parent: string, formerParent: string): string {
  return name.startsWith(parent) ? formerParent + name.slice(parent.length) : name;
}

function typeOf(urn: string): string {
  return (urn.split("::")[2] ?? "").split("$").at(-1) ?? "";
}
