import { z } from "zod";
import type { Graph, GraphResource } from "../graph/graph.ts";
import { inputsOf } from "../graph/inputs.ts";
import { AwsError } from "./aws-error.ts";

const secretInputs = z.object({ kmsKeyId: z.string().optional() });
const versionInputs = z.object({
  secretId: z.string(),
  secretString: z.string().optional(),
  secretBinary: z.string().optional(),
  versionStages: z.array(z.string()).optional(),
});

const request = z.object({
  SecretId: z.string().min(1).max(2048),
  VersionId: z.string().optional(),
  VersionStage: z.string().optional(),
});

export type SecretRequest = z.output<typeof request>;

/** A secret, and its versions: the one that was declared last is the current one. */
export interface StoredSecret {
  readonly arn: string;
  readonly name: string;
  /** The key that encrypts it; undefined where that is AWS's own. */
  readonly kmsKeyId: string | undefined;
  readonly versions: readonly SecretVersion[];
}

export interface SecretVersion {
  readonly id: string;
  readonly stages: readonly string[];
  readonly text: string | undefined;
  /** In base64. */
  readonly binary: string | undefined;
}

/** The secrets that a program declares. */
export class SecretStore {
  #secrets: readonly StoredSecret[] = [];

  /** Takes what the program declares now. */
  update(graph: Graph): void {
    const versions = graph.resources
      .filter(({ type }) => type === "aws:secretsmanager/secretVersion:SecretVersion")
      .map((resource) => ({ resource, inputs: inputsOf(resource, versionInputs) }));
    this.#secrets = graph.resources
      .filter(({ type }) => type === "aws:secretsmanager/secret:Secret")
      .map((resource) => {
        const own = versions.filter(({ inputs }) => inputs.secretId === resource.id);
        return {
          arn: resource.id,
          name: String(resource.outputs["name"]),
          kmsKeyId: inputsOf(resource, secretInputs).kmsKeyId,
          versions: own.map(({ resource: version, inputs }, index) => ({
            id: versionId(version),
            stages: inputs.versionStages ?? (index === own.length - 1 ? ["AWSCURRENT"] : []),
            text: inputs.secretString,
            binary: inputs.secretBinary,
          })),
        };
      });
  }

  /**
   * What a request asks for.
   *
   * @throws {AwsError} as Secrets Manager refuses one.
   */
  read(body: unknown): SecretRequest {
    const read = request.safeParse(body);
    if (read.success) return read.data;
    throw new AwsError("ValidationException", z.prettifyError(read.error));
  }

  /** By its whole ARN, or its name. */
  find(secretId: string): StoredSecret | undefined {
    return this.#secrets.find(({ arn, name }) => arn === secretId || name === secretId);
  }

  /**
   * The version that is asked for.
   *
   * @throws {AwsError} where there is none.
   */
  version(secret: StoredSecret | undefined, asked: SecretRequest): SecretVersion {
    if (secret === undefined) throw notFound("Secrets Manager can't find the specified secret.");
    const { VersionId, VersionStage = VersionId === undefined ? "AWSCURRENT" : undefined } = asked;
    const found = secret.versions.findLast(
      ({ id, stages }) =>
        (VersionId === undefined || id === VersionId) &&
        (VersionStage === undefined || stages.includes(VersionStage)),
    );
    if (found !== undefined) return found;
    throw notFound(
      VersionId === undefined
        ? `Secrets Manager can't find the specified secret value for staging label: ${VersionStage ?? ""}`
        : `Secrets Manager can't find the specified secret value for VersionId: ${VersionId}`,
    );
  }
}

function versionId(version: GraphResource): string {
  return String(version.outputs["versionId"]);
}

function notFound(message: string): AwsError {
  return new AwsError("ResourceNotFoundException", message);
}
