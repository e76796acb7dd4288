import { readdirSync, readFileSync } from "node:fs";

/** What process groups have used. */
export interface ProcessUsage {
  /** Since their start, of processes that have ended, too. */
  readonly cpuSeconds: number;
  readonly residentMib: number;
}

/** The kernel tells times in hundredths of a second, whatever its own clock does (proc(5), sysconf(_SC_CLK_TCK)). */
const TICKS_PER_SECOND = 100;

/**
 * Reads what process groups use, all at once, since every process of the machine has to be looked at.
 *
 * @returns by the id of the group; undefined on systems that do not tell.
 */
export function readProcessUsage(
  groups: ReadonlySet<number>,
): ReadonlyMap<number, ProcessUsage> | undefined {
  if (process.platform !== "linux") return undefined;
  const usage = new Map<number, ProcessUsage>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/u.test(name)) continue;
    const found = usageOf(name, groups);
    if (found === undefined) continue;
    const before = usage.get(found.group);
    usage.set(found.group, {
      cpuSeconds: (before?.cpuSeconds ?? 0) + found.cpuSeconds,
      residentMib: (before?.residentMib ?? 0) + found.residentMib,
    });
  }
  return usage;
}

function usageOf(
  process: string,
  groups: ReadonlySet<number>,
): (ProcessUsage & { readonly group: number }) | undefined {
  try {
    const stat = parseStat(readFileSync(`/proc/${process}/stat`, "utf8"));
    if (!groups.has(stat.group)) return undefined;
    const [, kibibytes = "0"] =
      /^VmRSS:\s+(\d+) kB$/mu.exec(readFileSync(`/proc/${process}/status`, "utf8")) ?? [];
    return { ...stat, residentMib: Number(kibibytes) / 1024 };
  } catch {
    // It has ended while it was looked at.
    return undefined;
  }
}

/** Times of children that have ended are counted with their parent, so that none is lost (proc(5), fields 5 and 14 to 17). */
export function parseStat(stat: string): { readonly group: number; readonly cpuSeconds: number } {
  // The name, in parentheses, may have spaces and parentheses of its own.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { group: Number(fields[2]), cpuSeconds: ticks / TICKS_PER_SECOND };
}
