import { STATUS_CODES, type IncomingHttpHeaders } from "node:http";
import type { JsonObject } from "../../../../runtime/relay.ts";
import type { ApplicationAnswer } from "./answer.ts";
import { cut, isObject } from "./operation.ts";

const LONGEST_MESSAGE = 2000;
/** What models take as images; others are files to them. */
const IMAGE = /^image\/(?!svg\+xml)[\w.+-]+$/u;
const TEXT =
  /^(?:text\/.+|[\w.+-]+\/(?:[\w.+-]+\+)?(?:json|xml|yaml)|application\/(?:x-yaml|x-ndjson|jsonl|json-seq|javascript|graphql|sql|toml|x-www-form-urlencoded))$/u;
const JSON_TYPE = /^[\w.+-]+\/(?:[\w.+-]+\+)?json$/u;

/** Whether something can be made of a body for a model. */
export function isReadable(headers: IncomingHttpHeaders): boolean {
  if (encodingOf(headers) !== undefined) return false;
  const type = mediaType(headers);
  return type === undefined || IMAGE.test(type) || TEXT.test(type);
}

/** The result of a tool for what an application answered. */
export function resultOf(answer: ApplicationAnswer): JsonObject {
  const { status, headers, body, length } = answer;
  if (status >= 400)
    return problem(`The application answered with ${named(status)}${message(answer)}`);
  if (status >= 300)
    return problem(
      `The application answered with ${named(status)}, which leads elsewhere, where the gateway does not follow.`,
    );
  if (answer.isTooLong)
    return problem(`The application's answer is too long to be read: ${bytes(length)} or more.`);
  if (length === 0)
    return textResult(`The application answered with ${named(status)} and an empty body.`);
  const encoding = encodingOf(headers);
  if (encoding !== undefined)
    return problem(
      `The application's answer is encoded with \`${cut(encoding, 100)}\`, which it was not asked for: ${bytes(length)}.`,
    );
  const type = mediaType(headers);
  if (type !== undefined && IMAGE.test(type))
    return {
      content: [{ type: "image", data: body.toString("base64"), mimeType: type }],
    };
  const text = type === undefined || TEXT.test(type) ? decoded(body, headers) : undefined;
  if (text === undefined)
    return problem(
      `The application's answer is no text and no image, but ${type === undefined ? "something that it does not name" : `\`${cut(type, 100)}\``}: ${bytes(length)}.`,
    );
  return type !== undefined && JSON_TYPE.test(type) ? jsonResult(text) : textResult(text);
}

/** A result that tells of a failure. */
export function problem(text: string): JsonObject {
  return { ...textResult(text), isError: true };
}

function jsonResult(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return textResult(text);
  }
  // A string in quotation marks says no more than one without.
  if (typeof value === "string") return textResult(value);
  return isObject(value) ? { ...textResult(text), structuredContent: value } : textResult(text);
}

function textResult(text: string): JsonObject {
  return { content: [{ type: "text", text }] };
}

/** What an application says of its own error. */
function message({ headers, body }: ApplicationAnswer): string {
  const type = mediaType(headers);
  const isText = encodingOf(headers) === undefined && (type === undefined || TEXT.test(type));
  const text = isText ? decoded(body, headers)?.trim() : undefined;
  return text === undefined || text === "" ? "." : `: ${cut(text, LONGEST_MESSAGE)}`;
}

function named(status: number): string {
  const words = STATUS_CODES[status];
  return words === undefined ? `HTTP ${status}` : `HTTP ${status} ${words}`;
}

function bytes(length: number): string {
  return length === 1 ? "1 byte" : `${length} bytes`;
}

function mediaType(headers: IncomingHttpHeaders): string | undefined {
  const type = headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
  return type === "" ? undefined : type;
}

function encodingOf(headers: IncomingHttpHeaders): string | undefined {
  const encoding = headers["content-encoding"];
  return encoding === undefined || encoding === "" || encoding.toLowerCase() === "identity"
    ? undefined
    : encoding;
}

/** Text in the character set that it names; undefined: it names none, and is none either. */
function decoded(body: Buffer, headers: IncomingHttpHeaders): string | undefined {
  const charset = /;\s*charset\s*=\s*"?([\w.:-]+)/iu.exec(headers["content-type"] ?? "")?.[1];
  const isNamed = mediaType(headers) !== undefined;
  try {
    return new TextDecoder(charset ?? "utf-8", { fatal: !isNamed }).decode(body);
  } catch {
    return isNamed ? body.toString("utf8") : undefined;
  }
}
