import type { JsonObject } from "../../runtime/relay.ts";
import { AnswerError } from "./failures.ts";

const INTERNAL_ERROR = -32603;

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @returns undefined where the line is no JSON, which no JSON text stands for. */
export function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Reads the `error` of an answer; what is none counts as an internal error, so that no answer is without an end. */
export function errorOf(error: unknown): AnswerError {
  const { code, message, data } = isObject(error) ? error : {};
  return Number.isSafeInteger(code) && typeof message === "string"
    ? new AnswerError(message, code as number, data)
    : new AnswerError(
        "The server's answer is neither a result nor an error.",
        INTERNAL_ERROR,
        undefined,
      );
}

/** A field that is a string. */
export function stringOf(object: JsonObject, name: string): string | undefined {
  const value = object[name];
  return typeof value === "string" ? value : undefined;
}

/** A field that is an object; empty where it is none. */
export function objectOf(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  return isObject(value) ? value : {};
}
