import { inOrder } from "../json.ts";
import { withoutNoise } from "../cost/cost-text.ts";
import type { Estimate } from "../cost/estimate.ts";
import type { Comparison } from "./compare.ts";
import { pathText, type PropertyChange } from "./property-changes.ts";

/** A change for programs; secrets and made-up ids are not in it, either. */
export function diffJson(
  { plan, reference, commit, program, stack }: Comparison,
  cost?: { readonly before: Estimate; readonly after: Estimate },
): string {
  const value = {
    program,
    stack,
    from: { reference, commit },
    unchanged: plan.unchanged,
    steps: plan.steps.map(({ action, resource, changes, follows, because, notes }) => ({
      action,
      urn: resource.urn,
      because,
      notes,
      changes: changes.map(changeJson),
      follows,
    })),
    outputs: plan.outputs.map(changeJson),
    ...(cost === undefined
      ? {}
      : { cost: rounded({ before: cost.before.total, after: cost.after.total }) }),
  };
  return JSON.stringify(inOrder(value), undefined, 2);
}

function rounded(value: object): unknown {
  return JSON.parse(JSON.stringify(value, withoutNoise));
}

function changeJson({ path, ...change }: PropertyChange): object {
  return { path: pathText(path), ...change };
}
