import type { Address } from "../addresses/address.ts";
import type { CredentialContext } from "../credentials/credentials.ts";
import type { Answer } from "./answer.ts";
import type { Endpoint } from "./endpoint.ts";
import { initializeEnvelope, legacyMessage } from "./envelope.ts";
import { isObject, LEGACY_VERSION, SESSION_HEADER } from "./protocol.ts";
import type { Session } from "./sessions.ts";

/** Streamable HTTP, "Session Management": visible ASCII. */
const SESSION_ID = /^[\x21-\x7e]{1,1024}$/u;
/** Revisions before 2026-07-28, which a server may choose. */
const VERSION = /^20(?:2[45]-\d\d|26-0[1-6])-\d\d$/u;

/** A legacy upstream did not take `initialize`. */
export class NotGreeted extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super("The upstream did not take `initialize`.");
    this.answer = answer;
  }
}

/** Greets a legacy upstream at one address. @throws {NotGreeted} */
export function greet(
  endpoint: Endpoint,
  address: Address,
  context: CredentialContext,
  clientInfo: { readonly name: string; readonly version: string },
): Promise<Session> {
  return endpoint.prepare(async (deadline) => {
    const id = endpoint.nextId();
    const envelope = initializeEnvelope(id, clientInfo);
    const answer = await endpoint.post(address, envelope, context, deadline, { id });
    const { message, headers } = answer;
    if (message?.kind !== "result") throw new NotGreeted(answer);
    const { protocolVersion, capabilities, instructions } = message.result;
    const minted = headers[SESSION_HEADER];
    const session: Session = {
      id: typeof minted === "string" && SESSION_ID.test(minted) ? minted : undefined,
      protocolVersion:
        typeof protocolVersion === "string" && VERSION.test(protocolVersion)
          ? protocolVersion
          : LEGACY_VERSION,
      capabilities: isObject(capabilities) ? capabilities : {},
      instructions: typeof instructions === "string" ? instructions : undefined,
    };
    const greeted = legacyMessage(session, { method: "notifications/initialized" });
    await endpoint.post(address, greeted, context, deadline);
    return session;
  });
}
