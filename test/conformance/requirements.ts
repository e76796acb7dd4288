import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

/** What a run of the suite against one protocol revision must come to. */
export interface Requirements {
  /** The revision, and the name of the suite's frozen list for it. */
  readonly revision: string;
  /** How many scenarios the frozen list scores. */
  readonly scored: number;
  /** The scored scenarios that must fail. */
  readonly expectedFailures: readonly string[];
  /** The checks of other scored scenarios that must end with a warning, each as `scenario:check`, the suite's own notation. */
  readonly expectedWarnings: readonly string[];
  /** Scenarios that the list does not score and that pass all the same, with the number of their checks. */
  readonly unscored: Readonly<Record<string, number>>;
}

export const REQUIREMENTS: readonly Requirements[] = [
  {
    revision: "2026-07-28",
    scored: 37,
    expectedFailures: [],
    expectedWarnings: [],
    unscored: {
      "http-header-validation": 14,
      "http-custom-header-server-validation": 10,
      "json-schema-2020-12": 8,
    },
  },
  {
    revision: "2025-11-25",
    scored: 30,
    // They need a channel from the server to the client within a call, and with it a session.
    expectedFailures: [
      "tools-call-sampling",
      "tools-call-elicitation",
      "elicitation-sep1034-defaults",
      "elicitation-sep1330-enums",
    ],
    // The scenario looks for a session id and, without one, checks nothing further. The suite counts it as passed.
    expectedWarnings: ["server-sse-multiple-streams:server-sse-multiple-streams-session"],
    unscored: { "json-schema-2020-12": 8 },
  },
];

/** The folder of the installed suite. */
export const SUITE_FOLDER = dirname(
  createRequire(import.meta.url).resolve("@modelcontextprotocol/conformance/package.json"),
);

const frozenList = z.object({ server: z.array(z.string()) });

/** The scenarios that the suite's frozen list scores for a revision. */
export async function scoredScenarios(revision: string): Promise<readonly string[]> {
  const text = await readFile(join(SUITE_FOLDER, "requirements", `${revision}.yaml`), "utf8");
  return frozenList.parse(parse(text)).server;
}
