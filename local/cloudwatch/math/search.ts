import type { Metric } from "../metric.ts";
import { ExpressionError } from "./expression.ts";

/** Whether a metric is found. */
export type Search = (metric: Metric) => boolean;

/** A word of a search: brackets, an operator, or a term, perhaps of one property and perhaps in quotes. */
const WORD =
  /\s*(?:(?<bracket>[()])|(?:(?<property>(?:"(?:[^"\\]|\\.)*"|[\w:./-]+))\s*=\s*)?(?:"(?<exact>(?:[^"\\]|\\.)*)"|(?<word>(?:[^\s()"\\=]|\\.)+)))/uy;

interface Word {
  readonly bracket: string | undefined;
  readonly property: string | undefined;
  readonly exact: string | undefined;
  readonly word: string | undefined;
}

/**
 * Reads what `SEARCH` takes (CloudWatch guide, "CloudWatch search expression syntax"): `{Namespace,Dimension,…}`, whose metrics have exactly these dimensions, and
 * terms, all of which must hold unless `OR` or `NOT` says otherwise. A term in quotes is a whole value, one without quotes is a part of it.
 *
 * @throws {ExpressionError} where it is none.
 */
export function parseSearch(text: string): Search {
  const [whole, schema] = /^\s*\{([^}]*)\}/u.exec(text) ?? [""];
  const words = wordsOf(text, text.slice(whole.length));
  const reader = { words, next: 0, text };
  const terms = words.length === 0 ? () => true : anyOf(reader);
  if (reader.next < words.length) throw unreadable(text);
  if (schema === undefined) return terms;
  const [namespace, ...dimensions] = schema.split(",").map((name) => plain(name.trim()));
  const wanted = dimensions.toSorted().join();
  return (metric) =>
    metric.namespace === namespace &&
    Object.keys(metric.dimensions).sort().join() === wanted &&
    terms(metric);
}

interface Reader {
  readonly words: readonly Word[];
  readonly text: string;
  next: number;
}

function wordsOf(text: string, terms: string): Word[] {
  const words: Word[] = [];
  const end = terms.trimEnd().length;
  WORD.lastIndex = 0;
  while (WORD.lastIndex < end) {
    const groups = WORD.exec(terms)?.groups as Partial<Word> | undefined;
    if (groups === undefined) throw unreadable(text);
    const { bracket, property, exact, word } = groups;
    words.push({ bracket, property, exact, word });
  }
  return words;
}

function anyOf(reader: Reader): Search {
  const parts = [allOf(reader)];
  while (takes(reader, "OR")) parts.push(allOf(reader));
  return (metric) => parts.some((part) => part(metric));
}

function allOf(reader: Reader): Search {
  const parts = [term(reader)];
  for (;;) {
    const word = reader.words[reader.next];
    if (word === undefined || word.bracket === ")" || isOperator(word, "OR")) break;
    takes(reader, "AND");
    parts.push(term(reader));
  }
  return (metric) => parts.every((part) => part(metric));
}

function term(reader: Reader): Search {
  if (takes(reader, "NOT")) {
    const denied = term(reader);
    return (metric) => !denied(metric);
  }
  const word = reader.words[reader.next++];
  if (word?.bracket === "(") {
    const inner = anyOf(reader);
    if (reader.words[reader.next++]?.bracket !== ")") throw unreadable(reader.text);
    return inner;
  }
  if (word === undefined || word.bracket !== undefined) throw unreadable(reader.text);
  const matches = matcherOf(word);
  const property = word.property === undefined ? undefined : plain(word.property);
  return (metric) => propertiesOf(metric, property).some(matches);
}

function takes(reader: Reader, operator: string): boolean {
  const word = reader.words[reader.next];
  if (word === undefined || !isOperator(word, operator)) return false;
  reader.next++;
  return true;
}

function isOperator({ property, word }: Word, operator: string): boolean {
  return property === undefined && word === operator;
}

/** The values that a term is held against: those of one property, or all names and values. */
function propertiesOf(metric: Metric, property: string | undefined): string[] {
  const { namespace, name, dimensions } = metric;
  if (property === "MetricName") return [name];
  if (property === "Namespace") return [namespace];
  if (property !== undefined) {
    const value = dimensions[property];
    return value === undefined ? [] : [value];
  }
  return [namespace, name, ...Object.entries(dimensions).flat()];
}

function matcherOf({ exact, word }: Word): (value: string) => boolean {
  if (exact !== undefined) {
    const wanted = unescaped(exact);
    return (value) => value === wanted;
  }
  const wanted = tokens(unescaped(word ?? ""));
  return (value) => {
    const own = tokens(value);
    return wanted.every((part) => own.includes(part));
  };
}

/** What AWS splits values into for partial matches: at everything but letters and digits, and where a new word begins within one. */
function tokens(value: string): string[] {
  return value
    .replaceAll(/([a-z])([A-Z])|([A-Z])([A-Z][a-z])/gu, "$1$3 $2$4")
    .toLowerCase()
    .split(/[^a-z0-9]+/u)
    .filter((part) => part !== "");
}

function plain(name: string): string {
  return name.startsWith('"') ? unescaped(name.slice(1, -1)) : name;
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/gu, "$1");
}

function unreadable(text: string): ExpressionError {
  return new ExpressionError(`The search \`${text}\` cannot be read.`);
}
