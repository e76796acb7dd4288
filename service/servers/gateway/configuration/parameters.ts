import type { UpstreamSource } from "./source.ts";

/** A parameter as far as it matters here. */
export interface Parameter {
  readonly name: string;
  readonly value: string;
  /** Tells apart what was written at different times, a parameter that was deleted and made anew included. */
  readonly version: string;
}

export interface ParameterPage {
  readonly parameters: readonly Parameter[];
  readonly nextToken?: string | undefined;
}

/** Asks the parameter store for one page of what lies directly below a path, decrypted. */
export type ReadParameterPage = (
  path: string,
  nextToken: string | undefined,
  signal: AbortSignal,
) => Promise<ParameterPage>;

/** As many pages as are read at most: ten parameters each. A store that never ends must not keep a replica busy for ever. */
const MOST_PAGES = 1000;

/** Upstreams as parameters of AWS Systems Manager: one each, directly below a path, named as the last part of its name. */
export function parameterSource(path: string, readPage: ReadParameterPage): UpstreamSource {
  const parent = path.replace(/\/+$/u, "");
  let seen: string | undefined;
  return {
    place: `the parameters below \`${parent}/\``,
    read: async (signal) => {
      const parameters = await readAll(parent, readPage, signal);
      const versions = JSON.stringify(
        parameters.map(({ name, version }) => [name, version]).sort(byName),
      );
      if (versions === seen) return undefined;
      seen = versions;
      return new Map(
        parameters.map(({ name, value }) => [name.slice(name.lastIndexOf("/") + 1), value]),
      );
    },
  };
}

function byName([left = ""]: string[], [right = ""]: string[]): number {
  return left < right ? -1 : 1;
}

async function readAll(
  path: string,
  readPage: ReadParameterPage,
  signal: AbortSignal,
): Promise<readonly Parameter[]> {
  const all: Parameter[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const read = await readPage(path, nextToken, signal);
    all.push(...read.parameters);
    // An empty page may have another one after it.
    if (read.nextToken === undefined || read.nextToken === "") return all;
    nextToken = read.nextToken;
  }
  throw new Error(`There are more than ${MOST_PAGES} pages of parameters below \`${path}\`.`);
}

/**
 * Reads pages with the AWS SDK, which finds region, credentials and endpoint (`AWS_ENDPOINT_URL_SSM`) in its own variables. It is loaded with
 * the first page.
 */
export function ssmPages(): ReadParameterPage {
  let loaded: Promise<ReadParameterPage> | undefined;
  return async (...given) => {
    loaded ??= load();
    return (await loaded)(...given);
  };
}

async function load(): Promise<ReadParameterPage> {
  const { GetParametersByPathCommand, SSMClient } = await import("@aws-sdk/client-ssm");
  const client = new SSMClient({});
  return async (path, nextToken, signal) => {
    const page = await client.send(
      new GetParametersByPathCommand({
        Path: path,
        Recursive: false,
        WithDecryption: true,
        ...(nextToken === undefined ? {} : { NextToken: nextToken }),
      }),
      { abortSignal: signal },
    );
    const parameters = (page.Parameters ?? []).map(
      ({ Name, Value, Version, LastModifiedDate }) => ({
        name: Name ?? "",
        value: Value ?? "",
        version: `${Version ?? ""} ${LastModifiedDate?.toISOString() ?? ""}`,
      }),
    );
    return { parameters, nextToken: page.NextToken };
  };
}
