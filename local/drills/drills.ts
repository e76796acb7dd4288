import { LocalError } from "../graph/graph.ts";
import type { Drill } from "./drill.ts";
import { badDeploy } from "./scenarios/bad-deploy.ts";
import { issuerOutage } from "./scenarios/issuer-outage.ts";
import { keyRotation } from "./scenarios/key-rotation.ts";
import { killReplica } from "./scenarios/kill-replica.ts";
import { overload } from "./scenarios/overload.ts";
import { rollingDeploy } from "./scenarios/rolling-deploy.ts";
import { scaleOut } from "./scenarios/scale-out.ts";
import { scopes } from "./scenarios/scopes.ts";
import { upstreamLoss } from "./scenarios/upstream-loss.ts";
import { zoneLoss } from "./scenarios/zone-loss.ts";

/** Every drill, in the order in which they are listed. */
export const DRILLS: readonly Drill[] = [
  killReplica,
  zoneLoss,
  rollingDeploy,
  badDeploy,
  overload,
  scaleOut,
  keyRotation,
  issuerOutage,
  scopes,
  upstreamLoss,
];

/** @throws {LocalError} that lists the names there are. */
export function drillNamed(name: string): Drill {
  const found = DRILLS.find((drill) => drill.name === name);
  if (found !== undefined) return found;
  throw new LocalError(
    `There is no drill \`${name}\`. Give one of ${DRILLS.map((drill) => `\`${drill.name}\``).join(", ")}.`,
  );
}
