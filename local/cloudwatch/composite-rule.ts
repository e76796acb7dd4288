import type { AlarmState } from "./alarm-state.ts";

/** The rule of a composite alarm. */
export type CompositeRule = (stateOf: (alarm: string) => AlarmState | undefined) => boolean;

/** A rule that CloudWatch would refuse; the message is a sentence. */
export class RuleError extends Error {
  override readonly name = "RuleError";
}

const WORD =
  /\s*(?:(?<bracket>[()])|(?<state>ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"(?<quoted>[^"]*)"|'(?<single>[^']*)'|(?<bare>[^)"'\s][^)]*?))\s*\)|(?<word>AND|OR|NOT|TRUE|FALSE)\b)/uy;

interface Word {
  readonly text: string;
  /** The alarm that a state is asked of. */
  readonly alarm: string | undefined;
}

/**
 * Reads a rule (CloudWatch API, PutCompositeAlarm): `ALARM("name")`, `OK(…)`, `INSUFFICIENT_DATA(…)`, `TRUE`, `FALSE`, joined by `NOT`, `AND`, `OR` in this order, and brackets.
 * An alarm that is not there is in no state.
 *
 * @throws {RuleError}
 */
export function parseCompositeRule(text: string): CompositeRule {
  const words: Word[] = [];
  const end = text.trimEnd().length;
  WORD.lastIndex = 0;
  while (WORD.lastIndex < end) {
    const groups = WORD.exec(text)?.groups;
    if (groups === undefined) throw unreadable(text);
    const { bracket, state, quoted, single, bare, word } = groups;
    words.push({ text: bracket ?? state ?? word ?? "", alarm: quoted ?? single ?? bare });
  }
  const reader = { words, text, next: 0 };
  const rule = anyOf(reader);
  if (reader.next < words.length) throw unreadable(text);
  return rule;
}

interface Reader {
  readonly words: readonly Word[];
  readonly text: string;
  next: number;
}

function anyOf(reader: Reader): CompositeRule {
  const parts = [allOf(reader)];
  while (takes(reader, "OR")) parts.push(allOf(reader));
  return (stateOf) => parts.some((part) => part(stateOf));
}

function allOf(reader: Reader): CompositeRule {
  const parts = [single(reader)];
  while (takes(reader, "AND")) parts.push(single(reader));
  return (stateOf) => parts.every((part) => part(stateOf));
}

function single(reader: Reader): CompositeRule {
  if (takes(reader, "NOT")) {
    const denied = single(reader);
    return (stateOf) => !denied(stateOf);
  }
  if (takes(reader, "(")) {
    const inner = anyOf(reader);
    if (!takes(reader, ")")) throw unreadable(reader.text);
    return inner;
  }
  const word = reader.words[reader.next++];
  switch (word?.text) {
    case "TRUE":
      return () => true;
    case "FALSE":
      return () => false;
    case "ALARM":
    case "OK":
    case "INSUFFICIENT_DATA": {
      const { text, alarm = "" } = word;
      return (stateOf) => stateOf(alarm) === text;
    }
    case undefined:
    default:
      throw unreadable(reader.text);
  }
}

function takes(reader: Reader, text: string): boolean {
  const word = reader.words[reader.next];
  if (word?.text !== text) return false;
  reader.next++;
  return true;
}

function unreadable(text: string): RuleError {
  return new RuleError(`The rule \`${text}\` cannot be read.`);
}
