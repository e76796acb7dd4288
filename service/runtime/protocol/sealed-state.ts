import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";
import { z } from "zod";

/** How long sealed state may travel, in seconds: the time a person may take to answer. The MCP SDK's own default. */
const LIFETIME_SECONDS = 600;

/** What a sealed state belongs to: opened for anything else, it is refused. */
export interface StateOwner {
  /** {@link Caller.id}; empty where nobody has to prove who they are. */
  readonly caller: string;
  readonly method: string;
  /** The parameters of the call but for those that change from round to round. */
  readonly params: unknown;
}

/** Seals and opens the state of calls that need more input. */
export interface StateSeal {
  seal(state: unknown, owner: StateOwner): string;
  /** @throws where the text was not sealed by one of the keys for this owner, or too long ago. */
  open(sealed: string, owner: StateOwner): unknown;
}

const ALGORITHM = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const envelope = z.object({ expires: z.number(), state: z.unknown() });

/**
 * A seal by AES-256-GCM: the client that carries the state can neither read nor change it.
 *
 * @param keys the first one seals, all of them open, so that a key can be replaced without losing calls.
 */
export function createStateSeal(
  keys: readonly [string, ...string[]],
  now: () => number = Date.now,
): StateSeal {
  const [sealing, ...older] = keys.map(deriveKey) as [Buffer, ...Buffer[]];
  return {
    seal: (state, owner) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, sealing, nonce);
      cipher.setAAD(binding(owner));
      const text = JSON.stringify({ expires: now() + LIFETIME_SECONDS * 1000, state });
      const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64url");
    },
    open: (text, owner) => {
      const bytes = Buffer.from(text, "base64url");
      for (const key of [sealing, ...older]) {
        const opened = decrypt(bytes, key, binding(owner));
        if (opened === undefined) continue;
        const { expires, state } = envelope.parse(JSON.parse(opened));
        if (expires < now()) throw new Error("The state has expired.");
        return state;
      }
      throw new Error("The state was not sealed here, or not for this call.");
    },
  };
}

function decrypt(bytes: Buffer, key: Buffer, owner: Buffer): string | undefined {
  if (bytes.length <= NONCE_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(owner);
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  try {
    const opened = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([opened, decipher.final()]).toString("utf8");
  } catch {
    return undefined;
  }
}

/** Any text of enough entropy makes a key of the right size. */
function deriveKey(key: string): Buffer {
  return Buffer.from(hkdfSync("sha256", key, "", "mcp requestState", 32));
}

function binding({ caller, method, params }: StateOwner): Buffer {
  return createHash("sha256")
    .update(canonical([caller, method, params]))
    .digest();
}

/** JSON with sorted keys: a client may write the same parameters in another order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
