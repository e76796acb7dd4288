import { isFields } from "../fields.ts";
import { CREATE_ONLY } from "./create-only.ts";
import type { Pair } from "./matching.ts";
import { isBelow, type PathStep, type PropertyChange } from "./property-changes.ts";

/** Why a change likely replaces a resource: the properties; none where it does not, undefined where nothing is known. */
export function replacedFor(
  { before, after }: Pair,
  changes: readonly PropertyChange[],
): readonly PropertyChange[] | undefined {
  const asked = after.options?.replaceOnChanges ?? [];
  const known = CREATE_ONLY[after.type];
  const properties = [...asked, ...(known ?? [])];
  const causes = changes.filter(
    (change) =>
      // Another spelling of the same is no change to the provider.
      change.kind !== "order" &&
      (properties.some((property) => touches(change.path, property)) ||
        isSpecial(before.inputs, after, change)),
  );
  return causes.length === 0 && known === undefined ? undefined : causes;
}

/** Whether a change lies in a property, or takes away what the property lies in. */
function touches(path: readonly PathStep[], property: string): boolean {
  const keys = path.flatMap((step) => ("key" in step ? [step.key] : []));
  return (
    isBelow(path, property) ||
    property === keys.join(".") ||
    property.startsWith(`${keys.join(".")}.`)
  );
}

const RULES = new Set([
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
]);
const SOURCES = new Set(["cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"]);

/** What the provider decides by code, and not by a property alone (its `CustomizeDiff` and `ModifyPlan`). */
function isSpecial(
  before: Readonly<Record<string, unknown>>,
  { type, inputs }: Pair["after"],
  { path, kind }: PropertyChange,
): boolean {
  const [first] = path;
  const key = first !== undefined && "key" in first ? first.key : "";
  // A rule may name other addresses, but not another kind of source.
  if (RULES.has(type)) return SOURCES.has(key) && path.length === 1 && kind !== "changed";
  if (type !== "aws:ecs/service:Service" || key !== "capacityProviderStrategies") return false;
  return (
    inputs["forceNewDeployment"] !== true ||
    isEmpty(before["capacityProviderStrategies"]) ||
    isEmpty(inputs["capacityProviderStrategies"])
  );
}

function isEmpty(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}

/**
 * Whether the old one goes before the new one comes: as the program says, else where it has a name of its own, which two cannot have at once
 * (pulumi-terraform-bridge, `nameRequiresDeleteBeforeReplace`).
 */
export function isDeletedFirst({ before, after }: Pair): boolean {
  const asked = after.options?.deleteBeforeReplace;
  if (asked !== undefined) return asked;
  if (!after.type.startsWith("aws:") || !isFields(after.inputs)) return false;
  const { name } = after.inputs;
  return typeof name === "string" && name === before.inputs["name"];
}
