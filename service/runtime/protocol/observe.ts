import {
  INTERNAL_ERROR,
  INVALID_PARAMS,
  isJSONRPCErrorResponse,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCErrorResponse,
  type JSONRPCMessage,
  type JSONRPCResultResponse,
  type McpServer,
  type Transport,
} from "@modelcontextprotocol/server";
import type { CallEnd } from "../calls.ts";
import type { OpenCall } from "./exchange.ts";
import { openCall, runInside, type CallScene } from "./open-call.ts";
import { hasValidParameters } from "./requests.ts";

/**
 * Shows every call that goes through a server to the instruments. It looks at the messages between server and transport: that is the one
 * place where both eras, all methods and all ends meet as objects.
 */
export function observeCalls(server: McpServer, scene: CallScene): void {
  const connect = server.connect.bind(server);
  server.connect = async (transport) => {
    await connect(transport);
    observeTransport(transport, scene);
  };
}

function observeTransport(transport: Transport, scene: CallScene): void {
  const { calls, refusal } = scene.exchange;
  const deliver = transport.onmessage;
  transport.onmessage = (message, extra) => {
    if (!isJSONRPCRequest(message)) {
      deliver?.(message, extra);
      return;
    }
    const { active } = openCall(message, scene);
    runInside(active, () => deliver?.(message, extra));
  };

  const send = transport.send.bind(transport);
  transport.send = async (message: JSONRPCMessage, options) => {
    // The SDK answers what it cannot read with no id.
    if (!isAnswer(message) || message.id === undefined) {
      refusal?.resolve(undefined);
      await send(message, options);
      return;
    }
    const open = calls.get(message.id);
    const answer = open === undefined ? message : theClientsFault(theRelays(message, open), open);
    open?.end(endOf(answer));
    refusal?.resolve(isRefused(open) && isJSONRPCErrorResponse(answer) ? answer : undefined);
    await send(answer, options);
  };

  const close = transport.onclose;
  transport.onclose = () => {
    for (const open of calls.values()) open.end({ outcome: "cancelled" });
    refusal?.resolve(undefined);
    close?.();
  };
}

function isAnswer(
  message: JSONRPCMessage,
): message is JSONRPCErrorResponse | JSONRPCResultResponse {
  return isJSONRPCErrorResponse(message) || isJSONRPCResultResponse(message);
}

/** The SDK carries what stands for the answer of a relay, and the answer itself goes out. */
function theRelays(
  message: JSONRPCErrorResponse | JSONRPCResultResponse,
  { answer }: OpenCall,
): JSONRPCErrorResponse | JSONRPCResultResponse {
  if (answer === undefined || !isJSONRPCResultResponse(message)) return message;
  const { jsonrpc, id } = message;
  return "result" in answer
    ? { jsonrpc, id, result: answer.result }
    : { jsonrpc, id, error: answer.error };
}

function isRefused(open: OpenCall | undefined): boolean {
  return open?.answer !== undefined && "error" in open.answer && open.answer.isRefused;
}

/** The SDK reports parameters that its schemas refuse as an internal error, with all that they say: -32602 is what it is. */
function theClientsFault(
  message: JSONRPCErrorResponse | JSONRPCResultResponse,
  { call, params, verdict }: OpenCall,
): JSONRPCErrorResponse | JSONRPCResultResponse {
  if (!isJSONRPCErrorResponse(message) || message.error.code !== INTERNAL_ERROR) return message;
  if (verdict !== undefined || hasValidParameters(call.method, params) !== false) return message;
  return {
    ...message,
    error: {
      code: INVALID_PARAMS,
      message: `The parameters are not what the protocol says of \`${call.method}\`.`,
    },
  };
}

function endOf(message: JSONRPCMessage): Omit<CallEnd, "durationMilliseconds"> {
  if (isJSONRPCErrorResponse(message)) {
    const { code } = message.error;
    return {
      outcome: code === INTERNAL_ERROR ? "internal_error" : "protocol_error",
      errorCode: code,
    };
  }
  if (!isJSONRPCResultResponse(message)) return { outcome: "ok" };
  const { result } = message;
  if (result["resultType"] === "input_required") return { outcome: "input_required" };
  return { outcome: result["isError"] === true ? "invalid_arguments" : "ok" };
}
