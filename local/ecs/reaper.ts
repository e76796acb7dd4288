import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { Socket } from "node:net";

/** Ends what this process leaves behind, should it die without a chance to clean up. */
export interface Reaper {
  /** What it kills has this somewhere in its environment, or is in a group that it watches. Default: groups alone. */
  readonly mark?: string | undefined;
  /** From now on the process group ends with this process. */
  watch(processGroup: number): void;
  /** The group has ended by itself. */
  forget(processGroup: number): void;
  close(): void;
}

/** Below it nothing can be: as an entry of `PATH` it offers nobody a place for a program. */
const NOWHERE = "/dev/null";

/** What a run leaves with a container engine and in a folder. */
export interface Remains {
  /** All of its containers have it. */
  readonly label: string;
  readonly folder: string;
}

/**
 * Reads `+<group>` and `-<group>` lines; at the end of its input, when the process that wrote them is gone, it kills what is left, and removes what else
 * remains. What the groups have started in groups of its own is found by its mark: twice, since it may have started more meanwhile.
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
marked() {
  if [ -d /proc/self ]; then
    grep -lsF -- "$1" /proc/[0-9]*/environ | while IFS=/ read -r _ _ id _; do echo "$id"; done
  else
    ps -E -ww -x -o pid=,command= | while read -r id words; do
      case "$words" in *"$1"*) [ "$id" = "$$" ] || echo "$id" ;; esac
    done
  fi
}
for round in 1 2; do
  for id in $(marked "$3"); do kill -s KILL "$id" 2>/dev/null; done
done
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
  const mark = `${NOWHERE}/mcp-local-${randomUUID()}`;
  const shell = spawn("sh", ["-c", SCRIPT, "sh", label, folder, mark], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  shell.unref();
  shell.stdin.on("error", () => undefined);
  // A pipe to a child is a socket; open, it would keep this process alive.
  if (shell.stdin instanceof Socket) shell.stdin.unref();
  return {
    mark,
    watch: (group) => shell.stdin.write(`+${group}\n`),
    forget: (group) => shell.stdin.write(`-${group}\n`),
    close: () => shell.stdin.end(),
  };
}
