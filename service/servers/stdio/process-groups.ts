const groups = new Set<number>();
let isWatching = false;

/**
 * Remembers a process group that must not outlive this process: however this process exits, the group gets SIGKILL. Only where this process
 * gets SIGKILL itself can it do nothing; then children have the end of their standard input to go by, and in a container the kernel ends them.
 *
 * @param leader the id of the process that leads the group.
 */
export function watchGroup(leader: number): void {
  groups.add(leader);
  if (isWatching) return;
  isWatching = true;
  process.on("exit", () => {
    for (const each of groups) signalGroup(each, "SIGKILL");
  });
}

/** Ends what is left of a group whose leader has ended, and forgets it: its id may soon be another's. */
export function endGroup(leader: number): void {
  groups.delete(leader);
  signalGroup(leader, "SIGKILL");
}

/** Signals a process and all that it has started. */
export function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch {
    // The group has ended.
  }
}
