import type { GraphResource } from "../graph/graph.ts";

/** A type as programs write it: `aws:lb/targetGroup:TargetGroup` is `aws.lb.TargetGroup`. */
export function typeName(type: string): string {
  const [packageName = "", module = "", name = ""] = type.split(":");
  const place = module.split("/")[0] ?? "";
  if (packageName === "pulumi" || !["aws", "awsx", "random"].includes(packageName)) return name;
  return place === "index" || place === ""
    ? `${packageName}.${name}`
    : `${packageName}.${place}.${name}`;
}

/** The last part of a type, such as `TargetGroup`. */
export function lastName(type: string): string {
  return type.split(":").at(-1) ?? type;
}

export function label({ type, name }: Pick<GraphResource, "type" | "name">): string {
  return `${typeName(type)} ${name}`;
}

/** "1 task", "2 tasks". */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
