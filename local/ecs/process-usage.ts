import { readdirSync, readFileSync } from "node:fs";

/** What process groups have used. */
export interface ProcessUsage {
  /** Since their start, of processes that have ended, too. */
  readonly cpuSeconds: number;
  readonly residentMib: number;
}

/** The kernel tells times in hundredths of a second, whatever its own clock does (proc(5), sysconf(_SC_CLK_TCK)). */
const TICKS_PER_SECOND = 100;

/** What the kernel tells of one process. */
interface Stat {
  readonly parent: number;
  readonly group: number;
  readonly cpuSeconds: number;
}

/**
 * Reads what process groups use, all at once, since every process of the machine has to be looked at. What a group's processes have started counts with it,
 * even in groups of its own.
 *
 * @returns by the id of the group; undefined on systems that do not tell.
 */
export function readProcessUsage(
  groups: ReadonlySet<number>,
): ReadonlyMap<number, ProcessUsage> | undefined {
  if (process.platform !== "linux") return undefined;
  const processes = readStats();
  const usage = new Map<number, ProcessUsage>();
  for (const [id, { cpuSeconds }] of processes) {
    const group = groupOf(id, processes, groups);
    const residentMib = group === undefined ? undefined : residentOf(id);
    if (group === undefined || residentMib === undefined) continue;
    const before = usage.get(group);
    usage.set(group, {
      cpuSeconds: (before?.cpuSeconds ?? 0) + cpuSeconds,
      residentMib: (before?.residentMib ?? 0) + residentMib,
    });
  }
  return usage;
}

function readStats(): ReadonlyMap<number, Stat> {
  const stats = new Map<number, Stat>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/u.test(name)) continue;
    try {
      stats.set(Number(name), parseStat(readFileSync(`/proc/${name}/stat`, "utf8")));
    } catch {
      // It has ended while it was looked at.
    }
  }
  return stats;
}

/** The group that a process belongs to, itself or by the nearest of those that have started it. */
function groupOf(
  id: number,
  processes: ReadonlyMap<number, Stat>,
  groups: ReadonlySet<number>,
): number | undefined {
  // Parents that have ended while they were read could form a circle.
  const seen = new Set<number>();
  for (let next: number | undefined = id; next !== undefined && !seen.has(next);) {
    seen.add(next);
    const stat: Stat | undefined = processes.get(next);
    if (stat !== undefined && groups.has(stat.group)) return stat.group;
    next = stat?.parent;
  }
  return undefined;
}

function residentOf(id: number): number | undefined {
  try {
    const [, kibibytes = "0"] =
      /^VmRSS:\s+(\d+) kB$/mu.exec(readFileSync(`/proc/${id}/status`, "utf8")) ?? [];
    return Number(kibibytes) / 1024;
  } catch {
    return undefined;
  }
}

/** Times of children that have ended are counted with their parent, so that none is lost (proc(5), fields 4, 5 and 14 to 17). */
export function parseStat(stat: string): Stat {
  // The name, in parentheses, may have spaces and parentheses of its own.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return {
    parent: Number(fields[1]),
    group: Number(fields[2]),
    cpuSeconds: ticks / TICKS_PER_SECOND,
  };
}
