import type { ClientCapabilities } from "@modelcontextprotocol/server";
import type { JsonObject, RelayContext, RelayRequest } from "../../../../runtime/relay.ts";
import type { UpstreamContext } from "../../upstream.ts";
import type { CredentialContext } from "../credentials/credentials.ts";

/** What an upstream is asked, whatever revision it speaks. */
export interface Question {
  readonly method: string;
  readonly params: JsonObject;
  /** The JSON of `params.arguments`, where it is at hand. */
  readonly argumentsText: string | undefined;
  readonly parameterHeaders: Readonly<Record<string, string>>;
  readonly clientCapabilities: ClientCapabilities;
  /** Trace context. */
  readonly carrier: Readonly<Record<string, string>>;
  readonly credentials: CredentialContext;
  readonly progress: RelayContext["progress"];
  readonly message: RelayContext["message"];
}

/** A caller's. */
export function relayed(
  { method, params, argumentsText, parameterHeaders }: RelayRequest,
  context: UpstreamContext,
): Question {
  return {
    method,
    params,
    argumentsText,
    parameterHeaders,
    clientCapabilities: context.clientCapabilities,
    carrier: context.carrier,
    credentials: context,
    progress: context.progress,
    message: context.message,
  };
}

const NOTHING = {};

/** The gateway's own. */
export function own(
  method: string,
  params: JsonObject,
  context?: Pick<RelayContext, "callerToken" | "carrier">,
): Question {
  return {
    method,
    params,
    argumentsText: undefined,
    parameterHeaders: NOTHING,
    clientCapabilities: NOTHING,
    carrier: context?.carrier ?? NOTHING,
    credentials: context ?? { callerToken: undefined },
    progress: undefined,
    message: undefined,
  };
}
