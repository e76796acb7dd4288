import type * as pulumi from "@pulumi/pulumi";
import type { Sidecar } from "./sidecar.ts";
import { ArgumentError, check, checkTogether, wholeNumberBetween } from "../validation.ts";

/** What a container of the component's own takes. */
export interface Reservation {
  readonly holder: string;
  /** The part of the processor that is its own. */
  readonly cpuShare: number;
  /** In MiB; 0 where it takes what it needs. */
  readonly memory: number;
  /** How to do without it. */
  readonly otherwise: string;
}

/** What the containers of a replica share. */
export interface SharedResources {
  /** The processor of a replica, in vCPU. */
  readonly cpu: pulumi.Input<number>;
  /** The memory of a replica, in MiB. */
  readonly memory: pulumi.Input<number>;
  /** What containers of the component's own take of both. */
  readonly reserved: readonly Reservation[];
  /** Ports that are taken, each with what takes it. */
  readonly ports: readonly { readonly port: pulumi.Input<number>; readonly holder: string }[];
}

/** Refuses two containers on one port: all of a replica share one network. */
export function checkPorts(
  component: string,
  sidecars: readonly Sidecar[],
  taken: SharedResources["ports"],
): void {
  // Shared, so that a list that is known late is compared with all that were known before.
  const claims = [...taken];
  for (const { name, ports } of sidecars) {
    const argument = `sidecars.${name}.ports`;
    check(ports, (given) => {
      for (const port of given) {
        check(port, wholeNumberBetween(component, argument, 1, 65_535));
        for (const claim of claims) checkPort(component, argument, port, claim);
        claims.push({ port, holder: `the sidecar \`${name}\`` });
      }
    });
  }
}

function checkPort(
  component: string,
  argument: string,
  port: pulumi.Input<number>,
  claim: SharedResources["ports"][number],
): void {
  checkTogether([port, claim.port], ([wanted, taken]) => {
    if (wanted !== taken) return;
    throw new ArgumentError(
      component,
      `\`${argument}\` has ${taken}, on which ${claim.holder} listens already: the containers of a replica share one network. Give one of them` +
        " another port.",
    );
  });
}

/** Refuses sidecars that leave nothing to the server. */
export function checkShares(
  component: string,
  sidecars: readonly Sidecar[],
  { cpu, memory, reserved }: SharedResources,
): void {
  const shares = sidecars.map((sidecar) => sidecar.cpu ?? 0);
  checkTogether([cpu, ...shares], ([whole = 0, ...given]) => {
    const sum = Number(given.reduce((total, share) => total + share, 0).toFixed(3));
    const shares = reserved.filter(({ cpuShare }) => cpuShare > 0);
    const left = shares.reduce((rest, { cpuShare }) => rest - whole * cpuShare, whole);
    if (sum === 0 || sum < left) return;
    const held = shares.map(({ holder, cpuShare }) => `${holder} has ${whole * cpuShare}`);
    throw new ArgumentError(
      component,
      `\`sidecars\` take ${sum} vCPU and \`cpu\` is ${whole}${ofWhich(held)}: that leaves the server none. Give a larger \`cpu\`, or the sidecars less.`,
    );
  });
  const amounts = sidecars.map((sidecar) => sidecar.memory ?? sidecar.memoryReservation ?? 0);
  checkTogether([memory, ...amounts], ([whole = 0, ...given]) => {
    const sum = given.reduce((total, amount) => total + amount, 0);
    const limits = reserved.filter(({ memory: limit }) => limit > 0);
    const left = limits.reduce((rest, { memory: limit }) => rest - limit, whole);
    if (sum + limits.length === 0 || sum < left) return;
    const held = limits.map(({ holder, memory: limit }) => `${holder} has ${limit}`);
    const ways = [
      ...(sum === 0 ? [] : ["the sidecars less"]),
      ...limits.map(({ otherwise }) => otherwise),
    ];
    throw new ArgumentError(
      component,
      `${sum === 0 ? "" : `\`sidecars\` take ${sum} MiB and `}\`memory\` is ${whole}${ofWhich(held)}: that leaves the server none. Give a larger` +
        ` \`memory\`${ways.map((way) => `, or ${way}`).join("")}.`,
    );
  });
}

function ofWhich(held: readonly string[]): string {
  return held.length === 0 ? "" : `, of which ${held.join(" and ")}`;
}
