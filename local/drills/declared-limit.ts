import type { Run } from "../run.ts";

/** The container contract's name for how many requests a replica works on at once. */
const LIMIT = "MAX_ONGOING_REQUESTS";

/** How many requests each replica of a service takes at once, as declared; undefined where the program does not say. */
export function declaredLimit({ stack }: Run, service: string): number | undefined {
  const containers = stack.services.find(({ name }) => name === service)?.task.containers ?? [];
  const [text] = containers.flatMap(({ environment }) => environment[LIMIT] ?? []);
  const limit = Number(text);
  return Number.isSafeInteger(limit) && limit > 0 ? limit : undefined;
}
