import { INVALID_REQUEST, isJsonContentType } from "@modelcontextprotocol/server";
import type { IncomingMessage } from "node:http";
import type { Request as Incoming, Response as Outgoing } from "express";
import type { RuntimeConfiguration } from "../configuration.ts";
import type { Admission } from "../limits/admission.ts";
import { createBodyRoom, readBody, type Body } from "../limits/body.ts";
import { jsonLimits, parseJson, type JsonLimits } from "../limits/json.ts";
import { refuse, refuseBody } from "./refusal.ts";

/** What a message may be at most. */
export interface MessageLimits {
  readonly bodyBytes: number;
  readonly bodyRoom: Admission;
  readonly json: JsonLimits;
}

/** The limits of a replica: one for all of its requests, since they share the room for bodies. */
export function messageLimits(configuration: RuntimeConfiguration): MessageLimits {
  return {
    bodyBytes: configuration.maxBodyBytes,
    bodyRoom: createBodyRoom(configuration.maxBodyBytes),
    json: jsonLimits(configuration),
  };
}

/** What a request asks: one message or a batch, and how much room it takes. */
export interface Message {
  /** Undefined where the body is not JSON by its type; the SDK answers that. */
  readonly value: unknown;
  /** The JSON of `params.arguments` of a single message as it came, where that is at hand. */
  readonly argumentsText?: string | undefined;
  readonly weight: number;
}

/** Reads and parses the body of a request, or answers why not; undefined then, and where the client has left. */
export async function readMessage(
  request: Incoming,
  response: Outgoing,
  limits: MessageLimits,
): Promise<Message | undefined> {
  const body = await bytesOf(request, limits);
  switch (body.kind) {
    case "left":
      return undefined;
    case "too-large":
      refuseBody(
        response,
        {
          code: INVALID_REQUEST,
          reason: `The request body is larger than ${limits.bodyBytes} bytes.`,
        },
        413,
      );
      return undefined;
    case "no-room":
      refuse(response, "busy");
      return undefined;
    case "read":
      break;
  }
  if (!isJsonContentType(request.headers["content-type"])) return { value: undefined, weight: 1 };
  const parsed = parseJson(body.bytes, limits.json);
  switch (parsed.kind) {
    case "message":
      return { value: parsed.message, argumentsText: parsed.argumentsText, weight: 1 };
    case "batch":
      return { value: parsed.messages, weight: parsed.messages.length };
    case "refused":
      refuseBody(response, parsed);
      return undefined;
  }
}

/** Requests that were read before, and got no room. */
const withoutRoom = new WeakSet<IncomingMessage>();

/** Gives what was read of a request to whoever reads it next. */
export function handOn(request: IncomingMessage & { body?: unknown }, body: Body): void {
  if (body.kind === "read") request.body = body.bytes;
  else if (body.kind === "no-room") withoutRoom.add(request);
}

async function bytesOf(request: Incoming, limits: MessageLimits): Promise<Body> {
  if (withoutRoom.has(request)) return { kind: "no-room" };
  const parsed: unknown = request.body;
  if (!request.readableEnded || parsed === undefined) {
    return readBody(request, limits.bodyBytes, limits.bodyRoom);
  }
  // A body parser of the application that the endpoint is mounted in was faster, and knows no limit of depth.
  if (Buffer.isBuffer(parsed)) return { kind: "read", bytes: parsed };
  if (typeof parsed === "string") return { kind: "read", bytes: Buffer.from(parsed) };
  try {
    return { kind: "read", bytes: Buffer.from(JSON.stringify(parsed)) };
  } catch {
    return { kind: "too-large" };
  }
}
