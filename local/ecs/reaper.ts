import { spawn } from "node:child_process";
import { Socket } from "node:net";

/** Ends what this process leaves behind, should it die without a chance to clean up. */
export interface Reaper {
  /** From now on the process group ends with this process. */
  watch(processGroup: number): void;
  /** The group has ended by itself. */
  forget(processGroup: number): void;
  close(): void;
}

/** What a run leaves with a container engine and in a folder. */
export interface Remains {
  /** All of its containers have it. */
  readonly label: string;
  readonly folder: string;
}

/**
 * Reads `+<group>` and `-<group>` lines; at the end of its input, when the process that wrote them is gone, it kills what is left, and removes what else
 * remains.
 */
const SCRIPT = `
groups=" "
while read -r line; do
  group="\${line#?}"
  case "$line" in
    +*) groups="$groups$group " ;;
    -*) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
[ -n "$1" ] || exit 0
containers=$(docker ps --all --quiet --filter "label=$1")
[ -z "$containers" ] || docker rm --force --volumes $containers
rm -rf -- "$2"
exit 0
`;

/**
 * A shell in a session of its own, holding the other end of a pipe: the only thing that still works when this process is killed
 * with SIGKILL. An `exit` handler or a disconnect of the children would need somebody to be alive and listening.
 */
export function startReaper(remains?: Remains): Reaper {
  const { label = "", folder = "" } = remains ?? {};
  const shell = spawn("sh", ["-c", SCRIPT, "sh", label, folder], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  shell.unref();
  shell.stdin.on("error", () => undefined);
  // A pipe to a child is a socket; open, it would keep this process alive.
  if (shell.stdin instanceof Socket) shell.stdin.unref();
  return {
    watch: (group) => shell.stdin.write(`+${group}\n`),
    forget: (group) => shell.stdin.write(`-${group}\n`),
    close: () => shell.stdin.end(),
  };
}
