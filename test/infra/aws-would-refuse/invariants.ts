/** Every rule of the table "AWS would refuse" (reference/aws-recipes.md) that can be read off a declared graph. */
import assert from "node:assert/strict";
import type { Declaration } from "../mocks.ts";
import {
  alarmInvariants,
  nameInvariants,
  networkInvariants,
  scalingInvariants,
} from "./account-invariants.ts";
import {
  listenerInvariants,
  loadBalancerInvariants,
  targetGroupInvariants,
} from "./balancer-invariants.ts";
import { capacityInvariants } from "./capacity-invariants.ts";
import { distributionInvariants, ingressInvariants, webAclInvariants } from "./edge-invariants.ts";
import type { Graph, Invariant, Violation } from "./graph.ts";
import { serviceInvariants } from "./service-invariants.ts";
import { taskInvariants } from "./task-invariants.ts";

const INVARIANTS: readonly Invariant[] = [
  taskInvariants,
  serviceInvariants,
  capacityInvariants,
  targetGroupInvariants,
  loadBalancerInvariants,
  listenerInvariants,
  distributionInvariants,
  ingressInvariants,
  webAclInvariants,
  scalingInvariants,
  alarmInvariants,
  nameInvariants,
  networkInvariants,
];

/** How a graph breaks the table. */
export function violations(graph: Graph): Violation[] {
  return INVARIANTS.flatMap((invariant) => [...invariant(graph)]);
}

/** Asserts that AWS would take a graph, as far as the table goes. */
export function assertInvariants(declaration: Declaration<unknown>): void {
  assert.deepEqual(violations(declaration.resources), []);
  declaration.assertNothingUndefined();
  declaration.assertUrnsUnique();
}
