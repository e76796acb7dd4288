import { z } from "zod";
import type { Graph } from "../graph/graph.ts";
import { inputsOf } from "../graph/inputs.ts";
import { AwsError } from "./aws-error.ts";

const parameterInputs = z.object({
  type: z.enum(["String", "StringList", "SecureString"]).default("String"),
  value: z.string().optional(),
  insecureValue: z.string().optional(),
  keyId: z.string().optional(),
  dataType: z.string().default("text"),
});

/** A parameter as it is kept. */
export interface StoredParameter {
  readonly name: string;
  readonly arn: string;
  readonly type: "String" | "StringList" | "SecureString";
  readonly value: string;
  readonly dataType: string;
  /** The key that encrypts it; undefined where that is AWS's own. */
  readonly keyId: string | undefined;
  /** From 1, one more with each change. */
  readonly version: number;
  /** In milliseconds since 1970-01-01 UTC. */
  readonly lastModified: number;
}

/** A page has so many at most (API GetParametersByPath, MaxResults). */
const PAGE = 10;

const request = z.object({
  Path: z.string(),
  Recursive: z.boolean().default(false),
  WithDecryption: z.boolean().default(false),
  MaxResults: z.number().int().min(1).max(PAGE).default(PAGE),
  NextToken: z.string().optional(),
});

export type PathRequest = z.output<typeof request>;

/** The parameters that a program declares. */
export class ParameterStore {
  #parameters: readonly StoredParameter[] = [];

  /** Takes what the program declares now: what stays the same keeps its version. */
  update(graph: Graph, now: number): void {
    this.#parameters = graph.resources
      .filter(({ type }) => type === "aws:ssm/parameter:Parameter")
      .map((resource): StoredParameter => {
        const { type, value, insecureValue, keyId, dataType } = inputsOf(resource, parameterInputs);
        const name = String(resource.outputs["name"]);
        const next = { type, value: value ?? insecureValue ?? "", keyId, dataType };
        const before = this.#parameters.find((one) => one.name === name);
        const isSame =
          before !== undefined &&
          before.value === next.value &&
          before.type === type &&
          before.keyId === keyId;
        if (isSame) return before;
        return {
          name,
          arn: String(resource.outputs["arn"]),
          ...next,
          version: (before?.version ?? 0) + 1,
          lastModified: now,
        };
      })
      .sort(({ name: left }, { name: right }) => (left < right ? -1 : 1));
  }

  /**
   * What a request asks for.
   *
   * @throws {AwsError} as Systems Manager refuses one.
   */
  read(body: unknown): PathRequest {
    const read = request.safeParse(body);
    if (!read.success) throw invalid(z.prettifyError(read.error));
    const { Path } = read.data;
    if (!/^(?:\/|(?:\/[\w.-]+)+\/?)$/u.test(Path))
      throw invalid(
        'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/".',
      );
    return read.data;
  }

  /**
   * One page of what lies below a path, by name.
   *
   * @throws {AwsError} where the token is none of ours.
   */
  page({ Path, Recursive, MaxResults, NextToken }: PathRequest): {
    readonly parameters: readonly StoredParameter[];
    readonly nextToken: string | undefined;
  } {
    const parent = Path.endsWith("/") ? Path : `${Path}/`;
    const all = this.#parameters.filter(
      ({ name }) =>
        name.startsWith(parent) && (Recursive || !name.slice(parent.length).includes("/")),
    );
    const after = NextToken === undefined ? "" : nameOf(NextToken);
    const rest = all.filter(({ name }) => name > after);
    const parameters = rest.slice(0, MaxResults);
    const last = parameters.at(-1);
    return {
      parameters,
      nextToken: last === undefined || rest.length <= MaxResults ? undefined : tokenOf(last.name),
    };
  }
}

function tokenOf(name: string): string {
  return Buffer.from(name).toString("base64url");
}

function nameOf(token: string): string {
  const name = Buffer.from(token, "base64url").toString();
  if (tokenOf(name) === token && name.startsWith("/")) return name;
  throw new AwsError("InvalidNextToken", "The specified token isn't valid.");
}

function invalid(message: string): AwsError {
  return new AwsError("ValidationException", message);
}
