import {
  createPublicKey,
  generateKeyPair,
  randomBytes,
  sign,
  verify,
  type JsonWebKey,
  type KeyObject,
} from "node:crypto";
import { promisify } from "node:util";

const generate = promisify(generateKeyPair);

/** A key that tokens are signed with. */
interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  /** As the pool publishes it. */
  readonly jwk: JsonWebKey;
}

/** What tokens a key is for: Cognito signs the two kinds with different keys. */
export type TokenUse = "id" | "access";

/** One key for each kind of token. */
type Generation = Readonly<Record<TokenUse, SigningKey>>;

/** The keys of a pool: those that sign now, and those before them, whose tokens are still good. */
export class SigningKeys {
  #current: Generation;
  #previous: Generation | undefined;

  private constructor(current: Generation) {
    this.#current = current;
  }

  static async create(): Promise<SigningKeys> {
    return new SigningKeys(await createGeneration());
  }

  /** Signs with new keys from now on. The keys before them stay published until the next rotation, those before these leave. */
  async rotate(): Promise<void> {
    const next = await createGeneration();
    this.#previous = this.#current;
    this.#current = next;
  }

  /** The key set that the pool publishes. */
  get jwks(): { readonly keys: readonly JsonWebKey[] } {
    return { keys: this.#published().map(({ jwk }) => jwk) };
  }

  /** A signed token, with the header that Cognito's have: no `typ`. */
  sign(use: TokenUse, claims: object): string {
    const { kid, privateKey } = this.#current[use];
    const input = [{ kid, alg: "RS256" }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    return `${input}.${sign("sha256", Buffer.from(input), privateKey).toString("base64url")}`;
  }

  /** The claims of a token that one of the published keys has signed; undefined for any other text. */
  claimsOf(token: string): Readonly<Record<string, unknown>> | undefined {
    const [header = "", payload = "", signature = ""] = token.split(".");
    const key = this.#published().find(({ kid }) => kid === parseObject(header)?.["kid"]);
    if (key === undefined) return undefined;
    const isOurs = verify(
      "sha256",
      Buffer.from(`${header}.${payload}`),
      createPublicKey(key.privateKey),
      Buffer.from(signature, "base64url"),
    );
    return isOurs ? parseObject(payload) : undefined;
  }

  #published(): readonly SigningKey[] {
    return [this.#current, this.#previous].flatMap((generation) =>
      generation === undefined ? [] : [generation.id, generation.access],
    );
  }
}

async function createGeneration(): Promise<Generation> {
  const [id, access] = await Promise.all([createKey(), createKey()]);
  return { id, access };
}

async function createKey(): Promise<SigningKey> {
  const { publicKey, privateKey } = await generate("rsa", { modulusLength: 2048 });
  const kid = randomBytes(32).toString("base64");
  const { e = "", kty = "", n = "" } = publicKey.export({ format: "jwk" });
  return { kid, privateKey, jwk: { alg: "RS256", e, kid, kty, n, use: "sig" } };
}

function parseObject(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = JSON.parse(Buffer.from(part, "base64url").toString()) as unknown;
    return typeof value === "object" && value !== null
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
