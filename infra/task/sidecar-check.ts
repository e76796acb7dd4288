import { ContainerCondition, type MountPoint, type Sidecar } from "./sidecar.ts";
import { checkPorts, checkShares, type SharedResources } from "./sidecar-shares.ts";
import { CONTAINER_NAME, checkHealthCheckCommand } from "./task.ts";
import { ArgumentError, check, checkTogether, oneOf, wholeNumberBetween } from "../validation.ts";
import { checkContainerVariables } from "../variables.ts";
import { checkContainerPath } from "./volume-check.ts";

/** The containers that a task definition takes (ECS guide, "Service quotas"). */
const MOST_CONTAINERS = 10;

/** The least memory of a container, in MiB (API ContainerDefinition). */
const LEAST_MEMORY = 6;

/** More than any instance has, in MiB and in vCPU. */
const MOST_MEMORY = 33_554_432;
const MOST_CPU = 192;

/** The longest that a sidecar may take to end, in seconds; on Fargate no container may take longer. */
const LONGEST_STOP = 120;

/** What the service has that its sidecars see, share, or may not take. */
export interface SidecarSurroundings extends SharedResources {
  /** Names of containers that the component makes itself, beside the server. */
  readonly containerNames: readonly string[];
  readonly volumeNames: readonly string[];
}

/** Refuses sidecars that ECS would refuse, or would start and lose. */
export function checkSidecars(
  component: string,
  sidecars: readonly Sidecar[],
  surroundings: SidecarSurroundings,
): void {
  const { containerNames } = surroundings;
  const own = containerNames.length + 1;
  if (sidecars.length + own > MOST_CONTAINERS) {
    throw new ArgumentError(
      component,
      `\`sidecars\` are ${sidecars.length}; a replica has at most ${MOST_CONTAINERS} containers, of which` +
        ` ${own === 1 ? "one is" : `${own} are`} the service's own. Give at most ${MOST_CONTAINERS - own}.`,
    );
  }
  const taken = new Set([CONTAINER_NAME, ...containerNames]);
  for (const sidecar of sidecars) {
    checkSidecarName(component, sidecar.name, taken);
    taken.add(sidecar.name);
    checkSidecar(component, sidecar, surroundings.volumeNames);
  }
  checkPorts(component, sidecars, surroundings.ports);
  checkShares(component, sidecars, surroundings);
}

function checkSidecarName(component: string, name: string, taken: ReadonlySet<string>): void {
  if (!/^[\w-]{1,128}$/u.test(name)) {
    throw new ArgumentError(
      component,
      `a sidecar has the name \`${name}\`; give one of letters, digits, hyphens and underscores, 128 at most.`,
    );
  }
  if (!taken.has(name)) return;
  throw new ArgumentError(
    component,
    `a sidecar has the name \`${name}\`, which another container of the replica has. Give each one of its own.`,
  );
}

function checkSidecar(component: string, sidecar: Sidecar, volumeNames: readonly string[]): void {
  const at = `sidecars.${sidecar.name}.`;
  checkProcess(component, sidecar, at);
  checkWait(component, sidecar, at);
  checkContainerVariables(
    component,
    { environment: sidecar.environment, secrets: sidecar.secrets },
    at,
  );
  check(sidecar.user, (user) => {
    if (/^[\w.-]+(?::[\w.-]+)?$/u.test(user)) return;
    throw new ArgumentError(
      component,
      `\`${at}user\` is \`${user}\`; give \`user\` or \`user:group\`, each by number or by name, such as \`1000:1000\`.`,
    );
  });
  check(
    sidecar.stopTimeoutSeconds,
    wholeNumberBetween(component, `${at}stopTimeoutSeconds`, 1, LONGEST_STOP, "seconds"),
  );
  check(sidecar.cpu, (cpu) => {
    if (cpu >= 0 && cpu <= MOST_CPU) return;
    throw new ArgumentError(
      component,
      `\`${at}cpu\` is ${cpu}; give a share of the replica's \`cpu\` in vCPU, such as 0.1.`,
    );
  });
  checkMemory(component, sidecar, at);
  checkMountPoints(component, sidecar, volumeNames, at);
}

function checkProcess(component: string, sidecar: Sidecar, at: string): void {
  const { image, command } = sidecar;
  if (image === undefined && command === undefined) {
    throw new ArgumentError(
      component,
      `\`${at}image\` and \`${at}command\` are both missing: the service's image would run a second time, as a second server. Give one of them.`,
    );
  }
  check(image, (address) => {
    if (address !== "") return;
    throw new ArgumentError(
      component,
      `\`${at}image\` is empty; give the address of an image, best with its digest: \`repository@sha256:…\`.`,
    );
  });
  check(command, (words) => {
    if (words.length > 0) return;
    throw new ArgumentError(
      component,
      `\`${at}command\` is empty; give the program and its arguments, or leave it out to run the image's own.`,
    );
  });
}

function checkWait(component: string, sidecar: Sidecar, at: string): void {
  const { essential, healthCheckCommand, serverWaitsFor } = sidecar;
  check(serverWaitsFor, oneOf(component, `${at}serverWaitsFor`, ContainerCondition));
  const ends: readonly (string | undefined)[] = [
    ContainerCondition.Success,
    ContainerCondition.Complete,
  ];
  if (essential === true && ends.includes(serverWaitsFor)) {
    throw new ArgumentError(
      component,
      `\`${at}serverWaitsFor\` is \`${serverWaitsFor ?? ""}\`, but the sidecar is essential: its end would end the replica. Leave \`essential\` out, or wait for` +
        " `START` or `HEALTHY`.",
    );
  }
  const waitsForHealth = serverWaitsFor === ContainerCondition.Healthy;
  const unchecked = (): never => {
    throw new ArgumentError(
      component,
      `\`${at}serverWaitsFor\` is \`HEALTHY\`, but the sidecar has no health check, so that the server would never start. Give \`healthCheckCommand\`, or wait for` +
        " `START`.",
    );
  };
  if (waitsForHealth && healthCheckCommand === undefined) unchecked();
  check(healthCheckCommand, (command) => {
    checkTogether(command, (words) => {
      checkHealthCheckCommand(component, words, `${at}healthCheckCommand`);
      if (waitsForHealth && words[0] === "NONE") unchecked();
    });
  });
}

function checkMemory(component: string, sidecar: Sidecar, at: string): void {
  for (const argument of ["memory", "memoryReservation"] as const) {
    check(
      sidecar[argument],
      wholeNumberBetween(component, `${at}${argument}`, LEAST_MEMORY, MOST_MEMORY, "MiB"),
    );
  }
  const { memory, memoryReservation } = sidecar;
  if (memory === undefined || memoryReservation === undefined) return;
  checkTogether([memory, memoryReservation], ([limit = 0, reservation = 0]) => {
    if (limit > reservation) return;
    throw new ArgumentError(
      component,
      `\`${at}memory\` is ${limit} MiB and \`${at}memoryReservation\` is ${reservation}; give a limit above what is reserved, or one of the two.`,
    );
  });
}

function checkMountPoints(
  component: string,
  sidecar: Sidecar,
  volumeNames: readonly string[],
  at: string,
): void {
  const mountPoints: readonly MountPoint[] = sidecar.mountPoints ?? [];
  for (const { volume } of mountPoints) {
    if (volumeNames.includes(volume)) continue;
    throw new ArgumentError(
      component,
      `\`${at}mountPoints\` names the volume \`${volume}\`, which is none of \`volumes\`${
        volumeNames.length === 0
          ? ", since there are none"
          : `: ${volumeNames.map((name) => `\`${name}\``).join(", ")}`
      }. Declare it there, or leave it out.`,
    );
  }
  checkTogether(
    mountPoints.map(({ containerPath }) => containerPath),
    (paths) => {
      for (const [index, path] of paths.entries()) {
        checkContainerPath(component, `${at}mountPoints`, path, paths.slice(0, index));
      }
    },
  );
}
