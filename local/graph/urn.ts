/** The project and the stack of a program. */
export interface StackName {
  readonly project: string;
  readonly stack: string;
}

/** A URN as the engine builds it: the types of all parents but the stack, then the resource's own. */
export function urnOf(
  { project, stack }: StackName,
  parent: string,
  type: string,
  name: string,
): string {
  const parentType = parent === "" ? "" : (parent.split("::")[2] ?? "");
  const qualified =
    parentType === "" || parentType === "pulumi:pulumi:Stack" ? type : `${parentType}$${type}`;
  return `urn:pulumi:${stack}::${project}::${qualified}::${name}`;
}

/** The name of a resource: all that follows its type. */
export function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
