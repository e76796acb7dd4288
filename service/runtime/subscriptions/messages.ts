import {
  SERVER_INFO_META_KEY,
  SUBSCRIPTION_ID_META_KEY,
  type ServerEvent,
} from "@modelcontextprotocol/server";
import type { Filter } from "./filter.ts";

/** A notification with a gap for the id of a subscription, in which alone those of different streams differ. */
export interface Notification {
  readonly before: string;
  readonly after: string;
}

const METHODS = {
  tools_list_changed: "notifications/tools/list_changed",
  prompts_list_changed: "notifications/prompts/list_changed",
  resources_list_changed: "notifications/resources/list_changed",
  resource_updated: "notifications/resources/updated",
} as const;

/** No text in JSON looks like this: its quotation marks would be escaped. */
const GAP = `"${SUBSCRIPTION_ID_META_KEY}":null`;

/** Writes a notification of a change down, once for all streams, as an event of their streams. */
export function notificationOf(event: ServerEvent): Notification {
  const params = {
    ...event.params,
    ...(event.kind === "resource_updated" ? { uri: event.uri } : {}),
    _meta: { ...event.params?._meta, [SUBSCRIPTION_ID_META_KEY]: null },
  };
  const text = streamEvent({ jsonrpc: "2.0", method: METHODS[event.kind], params });
  const gap = text.lastIndexOf(GAP) + GAP.length - "null".length;
  return { before: text.slice(0, gap), after: text.slice(gap + "null".length) };
}

/** The first event of a stream. @param honoured what of its filter it will be told of. */
export function acknowledgement(id: string | number, honoured: Filter): string {
  return streamEvent({
    jsonrpc: "2.0",
    method: "notifications/subscriptions/acknowledged",
    params: { notifications: honoured, _meta: { [SUBSCRIPTION_ID_META_KEY]: id } },
  });
}

/** The last event of a stream that the server ends. @param id and @param serverInfo as JSON. */
export function completion(id: string, serverInfo: string): string {
  const meta = `{"${SUBSCRIPTION_ID_META_KEY}":${id},"${SERVER_INFO_META_KEY}":${serverInfo}}`;
  return `event: message\ndata: {"jsonrpc":"2.0","id":${id},"result":{"resultType":"complete","_meta":${meta}}}\n\n`;
}

function streamEvent(message: unknown): string {
  return `event: message\ndata: ${JSON.stringify(message)}\n\n`;
}
