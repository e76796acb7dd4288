import { BlockList, isIPv6 } from "node:net";
import type { Condition, Listener, Rule } from "../graph/listeners.ts";

/** What rules look at. */
export interface RequestFacts {
  readonly method: string;
  /** The path alone, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly host: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Of the connection's other end, whatever `X-Forwarded-For` says. */
  readonly sourceAddress: string;
}

type Test = (request: RequestFacts) => boolean;

/** The conditions of rules, ready for many requests. */
export interface RuleChooser {
  /** The first rule that matches, by priority; undefined for the listener's default. */
  choose(request: RequestFacts): Rule | undefined;
}

export function ruleChooser({ rules }: Pick<Listener, "rules">): RuleChooser {
  const tests = rules.map((rule) => ({ rule, holds: allOf(rule.conditions.map(testOf)) }));
  return { choose: (request) => tests.find(({ holds }) => holds(request))?.rule };
}

/** Conditions of a rule are joined by AND, the values of one condition by OR. */
function allOf(tests: readonly Test[]): Test {
  return (request) => tests.every((holds) => holds(request));
}

function testOf(condition: Condition): Test {
  switch (condition.field) {
    case "path": {
      const matches = anyOf(condition, "case-sensitive");
      return ({ path }) => matches(path);
    }
    case "host": {
      const plain = anyOf({ values: condition.values }, "case-insensitive");
      // Regular expressions see the port, too (ELB API, `HostHeaderConditionConfig`).
      const regular = anyOf({ values: [], regexValues: condition.regexValues }, "case-insensitive");
      return ({ host }) => plain(withoutPort(host)) || regular(host);
    }
    case "method":
      return ({ method }) => condition.values.includes(method);
    case "header": {
      const matches = anyOf(condition, "case-insensitive");
      const name = condition.name.toLowerCase();
      return ({ headers }) => {
        const header = headers[name];
        return typeof header === "string" ? matches(header) : header?.some(matches) === true;
      };
    }
    case "query": {
      const pairs = condition.pairs.map(({ key, value }) => ({
        key: key === undefined ? undefined : wildcards(key, "case-insensitive"),
        value: wildcards(value, "case-insensitive"),
      }));
      return ({ query }) =>
        pairs.some(({ key, value }) =>
          [...query].some(
            ([givenKey, givenValue]) => (key?.test(givenKey) ?? true) && value.test(givenValue),
          ),
        );
    }
    case "source-ip": {
      const ranges = new BlockList();
      for (const range of condition.values) {
        const [address = "", length] = range.split("/");
        ranges.addSubnet(address, Number(length), isIPv6(address) ? "ipv6" : "ipv4");
      }
      return ({ sourceAddress }) =>
        ranges.check(sourceAddress, isIPv6(sourceAddress) ? "ipv6" : "ipv4");
    }
  }
}

type Sensitivity = "case-sensitive" | "case-insensitive";

function anyOf(
  given: {
    readonly values: readonly string[];
    readonly regexValues?: readonly string[] | undefined;
  },
  sensitivity: Sensitivity,
): (text: string) => boolean {
  const expressions = [
    ...given.values.map((pattern) => wildcards(pattern, sensitivity)),
    // Whether AWS wants the whole text to match is unknown; asking for it matches less.
    ...(given.regexValues ?? []).map(
      (source) => new RegExp(`^(?:${source})$`, flagsOf(sensitivity)),
    ),
  ];
  return (text) => expressions.some((expression) => expression.test(text));
}

/** `*` stands for any number of characters, slashes too, and `?` for exactly one. */
function wildcards(pattern: string, sensitivity: Sensitivity): RegExp {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/gu, String.raw`\$&`)
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, flagsOf(sensitivity));
}

function flagsOf(sensitivity: Sensitivity): string {
  return sensitivity === "case-sensitive" ? "su" : "isu";
}

/** Whether a text matches a pattern. */
export function matches(pattern: string, text: string, sensitivity: Sensitivity): boolean {
  return wildcards(pattern, sensitivity).test(text);
}

export function withoutPort(host: string): string {
  return host.replace(/:\d+$/u, "");
}
