/** The rows of the table's test: a mistake planted in a program, and the sentence that it is refused with. */
import * as pulumi from "@pulumi/pulumi";
import {
  McpPlatform,
  McpService,
  type McpPlatformArgs,
  type McpServiceArgs,
} from "../../../infra/index.ts";
import type { Answers } from "../mocks.ts";
import { HANDLE } from "../platform-handle.ts";

/** A mistake against a rule of the table. */
export interface Mistake {
  readonly rule: number;
  readonly what: string;
  readonly program: () => unknown;
  readonly sentence: string;
  /** What AWS answers to lookups. */
  readonly answers?: Answers;
}

type Row<Args> = readonly [
  rule: number,
  what: string,
  args: Args,
  sentence: string,
  /** The arguments that are outputs in a second program, which must be refused alike. */
  late?: readonly (keyof Args)[],
];

function lateOf<Args extends object>(args: Args, late: readonly (keyof Args)[]): Args {
  const outputs = late.map((name) => [name, pulumi.output(args[name])] as const);
  return { ...args, ...(Object.fromEntries(outputs) as Partial<Args>) };
}

function mistakesOf<Args extends object>(
  component: string,
  rows: readonly Row<Args>[],
  construct: (args: Args) => unknown,
): Mistake[] {
  return rows.flatMap(([rule, what, args, sentence, late]) => {
    const row = { rule, sentence: `${component}: ${sentence}` };
    return [
      { ...row, what, program: () => construct(args) },
      ...(late === undefined
        ? []
        : [{ ...row, what: `${what}, as outputs`, program: () => construct(lateOf(args, late)) }]),
    ];
  });
}

/** Mistakes in the arguments of a service. Its image is one that exists, unless the row gives another. */
export function serviceMistakes(rows: readonly Row<McpServiceArgs>[]): Mistake[] {
  return mistakesOf("McpService", rows, (args) => {
    const source = args.server ?? args.build ?? args.image;
    return new McpService("weather", {
      platform: { ...HANDLE },
      ...(source === undefined ? { image: "ghcr.io/acme/tools@sha256:ab" } : {}),
      ...args,
    });
  });
}

/** Mistakes in the arguments of a platform. */
export function platformMistakes(rows: readonly Row<McpPlatformArgs>[]): Mistake[] {
  return mistakesOf("McpPlatform", rows, (args) => new McpPlatform("mcp", args));
}
