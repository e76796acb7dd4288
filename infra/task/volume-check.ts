import { AGENT_VOLUME_PREFIX, agentVolumes } from "./execute-command.ts";
import { ArgumentError, check, checkTogether } from "../validation.ts";
import type { Volume } from "./volume.ts";

/** When EFS moves files to Infrequent Access, in days (API LifecyclePolicy); 0 is our word for never. */
const INFREQUENT_ACCESS_DAYS = [0, 1, 7, 14, 30, 60, 90, 180, 270, 365];

/** What decides on a file system that is made, and means nothing for a given one. */
const OWN = ["backup", "infrequentAccessAfterDays", "retainOnDelete"] as const;

/** What belongs to a given file system. */
const GIVEN = ["accessPointId", "securityGroupId"] as const;

/** Refuses volumes that ECS or EFS would refuse, or that no replica could reach. */
export function checkVolumes(component: string, volumes: readonly Volume[]): void {
  const names: string[] = [];
  for (const volume of volumes) {
    checkVolumeName(component, volume.name, names);
    names.push(volume.name);
    checkFileSystem(component, volume);
  }
  checkTogether(
    volumes.map(({ containerPath }) => containerPath),
    (paths) => {
      for (const [index, path] of paths.entries()) {
        const argument = `volumes.${names[index] ?? ""}.containerPath`;
        checkContainerPath(component, argument, path, paths.slice(0, index));
      }
    },
  );
}

function checkVolumeName(component: string, name: string, earlier: readonly string[]): void {
  const isPlain = name.length <= 24 && /^[a-z](?:-?[a-z0-9])*$/u.test(name);
  if (!isPlain || name.startsWith(AGENT_VOLUME_PREFIX)) {
    throw new ArgumentError(
      component,
      `a volume has the name \`${name}\`; give at most 24 lower-case letters, digits and single hyphens, beginning with a letter, and not with` +
        ` \`${AGENT_VOLUME_PREFIX}\`.`,
    );
  }
  if (!earlier.includes(name)) return;
  throw new ArgumentError(
    component,
    `two volumes have the name \`${name}\`; give each one of its own.`,
  );
}

/** Where containers have something else: the scratch space, and the places of the SSM agent. */
const TAKEN = ["/tmp", ...agentVolumes().map(({ containerPath }) => containerPath)];

/** Refuses places where nothing can be mounted, or where something is. */
export function checkContainerPath(
  component: string,
  argument: string,
  path: string,
  earlier: readonly string[],
): void {
  const isPlain =
    /^(?:\/[\w.-]+)+$/u.test(path) && !path.split("/").some((part) => /^\.{1,2}$/u.test(part));
  if (!isPlain) {
    throw new ArgumentError(
      component,
      `\`${argument}\` has \`${path}\`; give a folder's full path, such as \`/data\`.`,
    );
  }
  if (!TAKEN.includes(path) && !earlier.includes(path)) return;
  throw new ArgumentError(
    component,
    `\`${argument}\` has \`${path}\`, where the container has something else. Give another folder, such as \`/data\`.`,
  );
}

const ID = {
  fileSystemId: { form: /^fs-[0-9a-f]{8,40}$/u, what: "a file system", example: "fs-" },
  accessPointId: { form: /^fsap-[0-9a-f]{8,40}$/u, what: "an access point", example: "fsap-" },
  securityGroupId: { form: /^sg-[0-9a-f]{8,17}$/u, what: "a security group", example: "sg-" },
} as const;

function checkFileSystem(component: string, volume: Volume): void {
  const at = `volumes.${volume.name}.`;
  for (const [argument, { form, what, example }] of Object.entries(ID)) {
    check(volume[argument as keyof typeof ID], (id) => {
      if (form.test(id)) return;
      throw new ArgumentError(
        component,
        `\`${at}${argument}\` is \`${id}\`; give the id of ${what}, such as \`${example}0123456789abcdef0\`.`,
      );
    });
  }
  const isGiven = volume.fileSystemId !== undefined;
  const misplaced = (isGiven ? OWN : GIVEN).filter((argument) => volume[argument] !== undefined);
  const [first] = misplaced;
  if (first !== undefined) {
    throw new ArgumentError(
      component,
      isGiven
        ? `\`${at}${first}\` is given beside \`fileSystemId\`, whose file system is as it is. Leave it out.`
        : `\`${at}${first}\` is given without \`fileSystemId\`, to which it belongs. Give that too, or leave it out to have a file system made.`,
    );
  }
  if (isGiven && volume.securityGroupId === undefined) {
    throw new ArgumentError(
      component,
      `\`${at}fileSystemId\` is given without \`securityGroupId\`: the replicas could not reach the file system. Give the security group of its mount targets.`,
    );
  }
  check(volume.infrequentAccessAfterDays, (days) => {
    if (INFREQUENT_ACCESS_DAYS.includes(days)) return;
    throw new ArgumentError(
      component,
      `\`${at}infrequentAccessAfterDays\` is ${days}; EFS knows only ${INFREQUENT_ACCESS_DAYS.slice(1).join(", ")} days, and 0 means never.`,
    );
  });
}
