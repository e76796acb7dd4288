import type { JsonObject } from "../../runtime/relay.ts";
import type { Clock } from "../../runtime/telemetry/clock.ts";
import type { Connection } from "./connection.ts";
import { AnswerError } from "./failures.ts";
import { isObject, objectOf, stringOf } from "./messages.ts";
import { LEGACY_VERSIONS, MODERN_VERSION, ownMeta, OWN_NAME } from "./protocol.ts";

/** What a child says of itself when it starts. */
export interface Handshake {
  readonly era: "modern" | "legacy";
  readonly protocolVersion: string;
  readonly capabilities: JsonObject;
  readonly instructions?: string;
  /** Whom it says that it is. */
  readonly server?: { readonly name: string; readonly title?: string; readonly version: string };
}

/** How long a child may be silent before it is taken for one that waits for `initialize`, in milliseconds. */
const SILENCE_MILLISECONDS = 2000;

/** Errors that only a server of 2026-07-28 or later answers: header mismatch, missing capability, unsupported version. */
const MODERN_ERRORS: ReadonlySet<number> = new Set([-32020, -32021, -32022]);

const SERVER_INFO = "io.modelcontextprotocol/serverInfo";

type Probe =
  { readonly result: JsonObject } | { readonly error: unknown } | { readonly silent: true };

/**
 * Finds out which revision a child speaks: `server/discover` first, and `initialize`, once, where that is answered by an error of the older kind,
 * or not at all for two seconds.
 *
 * @param known the era of another child of the same program: it saves the question.
 * @throws {Error} where the child speaks no revision that this client knows.
 */
export async function shakeHands(
  connection: Connection,
  clock: Clock,
  known?: Handshake["era"],
): Promise<Handshake> {
  if (known === "legacy") return initialize(connection);
  const probe = discover(connection);
  const first = await (known === "modern" ? probe : Promise.race([probe, silence(clock)]));
  if ("result" in first) {
    const handshake = modernHandshake(first.result);
    if (handshake !== undefined) return handshake;
  } else if ("error" in first && !mayBeLegacy(first.error)) throw first.error;
  try {
    return await initialize(connection);
  } catch (error) {
    // A server of the new revision alone, slow to start, refuses `initialize` when it has answered the question already.
    if (!("silent" in first) || !(error instanceof AnswerError)) throw error;
    const late = await probe;
    const handshake = "result" in late ? modernHandshake(late.result) : undefined;
    if (handshake === undefined) throw error;
    return handshake;
  }
}

function discover(connection: Connection): Promise<Probe> {
  return connection
    .request("server/discover", () => ({ _meta: ownMeta }))
    .then<Probe, Probe>(
      (result) => ({ result }),
      (error: unknown) => ({ error }),
    );
}

function silence(clock: Clock): Promise<Probe> {
  return new Promise((resolve) => {
    clock.after(SILENCE_MILLISECONDS, () => {
      resolve({ silent: true });
    });
  });
}

/** A server of both eras that does not know our new revision names older ones in its refusal. */
function mayBeLegacy(error: unknown): boolean {
  if (!(error instanceof AnswerError)) return false;
  if (!MODERN_ERRORS.has(error.code)) return true;
  const supported = isObject(error.data) ? error.data["supported"] : undefined;
  return Array.isArray(supported) && supported.some((each) => LEGACY_VERSIONS.has(String(each)));
}

/** @returns undefined where the child does not speak our revision. */
function modernHandshake(result: JsonObject): Handshake | undefined {
  const versions = result["supportedVersions"];
  if (!Array.isArray(versions) || !versions.includes(MODERN_VERSION)) return undefined;
  return {
    era: "modern",
    protocolVersion: MODERN_VERSION,
    ...described(result, objectOf(result, "_meta")[SERVER_INFO]),
  };
}

async function initialize(connection: Connection): Promise<Handshake> {
  const result = await connection.request("initialize", () => ({
    protocolVersion: "2025-11-25",
    // Whatever a server asks needs a client that stays, which a stateless service has not.
    capabilities: {},
    clientInfo: OWN_NAME,
  }));
  const protocolVersion = stringOf(result, "protocolVersion");
  if (protocolVersion === undefined || !LEGACY_VERSIONS.has(protocolVersion)) {
    throw new Error(
      `The stdio server speaks the protocol revision \`${String(protocolVersion)}\`, which this service does not know.`,
    );
  }
  connection.notify("notifications/initialized");
  return { era: "legacy", protocolVersion, ...described(result, result["serverInfo"]) };
}

function described(
  result: JsonObject,
  server: unknown,
): Pick<Handshake, "capabilities" | "instructions" | "server"> {
  const instructions = stringOf(result, "instructions");
  const info = isObject(server) ? server : {};
  const name = stringOf(info, "name");
  const version = stringOf(info, "version");
  const title = stringOf(info, "title");
  return {
    capabilities: objectOf(result, "capabilities"),
    ...(instructions === undefined ? {} : { instructions }),
    ...(name === undefined || version === undefined
      ? {}
      : { server: { name, version, ...(title === undefined ? {} : { title }) } }),
  };
}
