import type { Fault, PageSource } from "./source.ts";
import { isObject } from "./json-body.ts";
import { PageError } from "./page-error.ts";

type Body = Readonly<Record<string, unknown>>;

/** The longest range of a dashboard: CloudWatch keeps a minute's datapoints for fifteen days, a run here seldom lasts a day. */
const LONGEST_MINUTES = 24 * 60;

const DEFAULT_MINUTES = 15;

/**
 * What a path under `/api/` answers, as JSON.
 *
 * @param body of a POST; undefined of a GET.
 * @throws {PageError} where there is nothing at the path, or an argument is wrong.
 */
export async function answer(
  source: PageSource,
  url: URL,
  body: (() => Promise<Body>) | undefined,
): Promise<unknown> {
  const [, , room, name, tools, tool] = url.pathname.split("/").map(decoded);
  const known =
    body === undefined
      ? await read(source, url, [room, name, tools, tool])
      : await act(source, [room, name, tools, tool], body);
  if (known === undefined) {
    throw new PageError(404, `There is nothing at \`${url.pathname}\`. Open / for the page.`);
  }
  return known;
}

type Path = readonly (string | undefined)[];

async function read(source: PageSource, url: URL, path: Path): Promise<unknown> {
  const [room, name, tools] = path;
  if (room === "snapshot" && name === undefined) return source.snapshot();
  if (room === "drills" && name === undefined) return source.drills;
  if (room === "traces") return name === undefined ? source.traces() : trace(source, name);
  if (room === "services" && name !== undefined && tools === "tools") {
    return source.tools(service(source, name));
  }
  if (room !== "dashboards") return undefined;
  return name === undefined
    ? source.dashboards()
    : dashboard(source, name, url.searchParams.get("minutes"));
}

async function act(
  source: PageSource,
  [room, name, tools, tool]: Path,
  body: () => Promise<Body>,
): Promise<unknown> {
  if (room === "drills" && name !== undefined) {
    if (!source.drills.some((drill) => drill.name === name)) {
      const names = source.drills.map((drill) => `\`${drill.name}\``).join(", ");
      throw new PageError(404, `There is no drill \`${name}\`. Choose one of ${names}.`);
    }
    await body();
    await source.startDrill(name);
    return {};
  }
  if (room === "faults" && name === undefined) {
    await source.fault(readFault(await body()));
    return {};
  }
  if (room === "services" && name !== undefined && tools === "tools" && tool !== undefined) {
    const { arguments: toolArguments } = await body();
    if (!isObject(toolArguments)) {
      throw new PageError(400, "`arguments` is no JSON object. Send the tool's arguments in one.");
    }
    return source.callTool(service(source, name), tool, toolArguments);
  }
  return undefined;
}

function dashboard(source: PageSource, name: string, wanted: string | null): unknown {
  const minutes = wanted === null ? DEFAULT_MINUTES : Number(wanted);
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > LONGEST_MINUTES) {
    throw new PageError(
      400,
      `\`minutes\` is \`${wanted ?? ""}\`. Give a whole number from 1 to ${LONGEST_MINUTES}.`,
    );
  }
  const data = source.widgets(name, minutes);
  if (data === undefined) {
    throw new PageError(404, `The program declares no dashboard \`${name}\`.`);
  }
  return data;
}

function trace(source: PageSource, id: string): unknown {
  const found = source.trace(id);
  if (found !== undefined) return found;
  throw new PageError(404, `The trace \`${id}\` is not, or no longer, known. Choose a newer one.`);
}

function service(source: PageSource, name: string): string {
  const names = source.snapshot().endpoints.map((endpoint) => endpoint.service);
  if (names.includes(name)) return name;
  throw new PageError(
    404,
    `There is no service \`${name}\` to call. Choose one of ${names.map((each) => `\`${each}\``).join(", ")}.`,
  );
}

function readFault({ kind, service, task, zone }: Body): Fault {
  if (kind === "kill-replica" && typeof service === "string" && typeof task === "string") {
    return { kind, service, task };
  }
  if ((kind === "lose-zone" || kind === "restore-zone") && typeof zone === "string") {
    return { kind, zone };
  }
  throw new PageError(
    400,
    "The body is no fault. Send `kind` as `kill-replica` with `service` and `task`, or as `lose-zone` or `restore-zone` with `zone`.",
  );
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new PageError(400, "The path is not well encoded. Open / for the page.");
  }
}
