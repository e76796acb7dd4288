import { AttemptFailure } from "../failure.ts";
import type { UpstreamSecret } from "../../upstream-configuration.ts";
import type { CompleteSurroundings } from "../surroundings.ts";

/** A secret that is refused again and again is not read more often than this: rotation takes minutes, and every reading costs. */
const PAUSE_MILLISECONDS = 10_000;

/** A secret: read when it is needed, kept, and read again when it was refused. */
export class Secret {
  readonly #source: UpstreamSecret;
  readonly #surroundings: CompleteSurroundings;
  #value: string | undefined;
  #reading: Promise<string> | undefined;
  #readAt = -Infinity;

  constructor(source: UpstreamSecret, surroundings: CompleteSurroundings) {
    this.#source = source;
    this.#surroundings = surroundings;
  }

  /** @throws {AttemptFailure} */
  value(): string | Promise<string> {
    return this.#value ?? this.#read();
  }

  /** @returns whether it is another one now. */
  async refused(value: string): Promise<boolean> {
    if (this.#value !== undefined && this.#value !== value) return true;
    if (this.#reading === undefined) {
      if (this.#surroundings.clock.now() - this.#readAt < PAUSE_MILLISECONDS) return false;
      this.#value = undefined;
    }
    return (await this.value()) !== value;
  }

  #read(): Promise<string> {
    this.#reading ??= this.#ask().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #ask(): Promise<string> {
    this.#readAt = this.#surroundings.clock.now();
    try {
      const value =
        "variable" in this.#source
          ? this.#surroundings.environment[this.#source.variable]
          : await (this.#surroundings.readSecret ?? readFromSecretsManager)(this.#source.secretArn);
      if (value === undefined || value === "") throw new Error("It is empty.");
      const isList = "secretArn" in this.#source && this.#source.isList === true;
      const [current = value] = isList ? value.split(",", 1) : [value];
      // A line break at the end comes from files, and belongs to no header.
      this.#value = current.trim();
      return this.#value;
    } catch (cause) {
      const where =
        "variable" in this.#source
          ? `the variable \`${this.#source.variable}\``
          : `\`${this.#source.secretArn}\``;
      this.#surroundings.log.error({ err: cause }, `the secret in ${where} cannot be read`);
      throw new AttemptFailure(
        "cannot be asked, since the gateway's secret for it cannot be read",
        {
          reason: "credentials",
          mayHaveRun: false,
          cause,
        },
      );
    }
  }
}

/** The SDK is loaded only where an upstream has such a secret. Its endpoint and region come from the variables of the AWS SDKs. */
async function readFromSecretsManager(arn: string): Promise<string> {
  const { GetSecretValueCommand, SecretsManagerClient } =
    await import("@aws-sdk/client-secrets-manager");
  // The secret is where its ARN says, wherever the gateway is.
  const region = arn.split(":")[3];
  const client = new SecretsManagerClient(region === undefined || region === "" ? {} : { region });
  try {
    const { SecretString, SecretBinary } = await client.send(
      new GetSecretValueCommand({ SecretId: arn }),
    );
    return SecretString ?? Buffer.from(SecretBinary ?? []).toString("utf8");
  } finally {
    client.destroy();
  }
}
