import type { Caller } from "../../runtime/caller.ts";
import { hasScopes } from "../../runtime/auth/scopes.ts";
import { matches } from "./names.ts";
import type { ToolRule } from "./upstream-configuration.ts";

/**
 * Whether a caller satisfies a rule: has all of its scopes, and of each claim one of its values. Where nobody is asked who they are
 * (`AUTH_MODE=none`), and with a static token, scopes limit nobody, as everywhere in the host; claims, which such callers do not have, keep
 * them out.
 *
 * @param scopePrefix what stands before scopes in tokens (`AUTH_SCOPE_PREFIX`).
 */
export function satisfies(
  caller: Caller | undefined,
  { scopes, claims }: ToolRule,
  scopePrefix: string,
): boolean {
  const needed = scopes.map((scope) => scopePrefix + scope);
  if (!hasScopes(caller, needed)) return false;
  return Object.entries(claims).every(([claim, values]) => {
    const given = Object.hasOwn(caller?.claims ?? {}, claim) ? caller?.claims[claim] : undefined;
    const all: readonly unknown[] = Array.isArray(given) ? given : [given];
    return all.some((value) => isPlain(value) && values.includes(String(value)));
  });
}

function isPlain(value: unknown): value is string | number | boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}

/** The rules that a tool is under, by the name that clients see; none: it is open to everybody who may call the gateway. */
export function rulesFor(name: string, rules: readonly ToolRule[]): readonly ToolRule[] {
  return rules.filter(({ tools }) => tools.some((pattern) => matches(pattern, name)));
}

/**
 * Whether a tool is there for a caller: every rule that names it is satisfied. A rule for some of the tools thus narrows a rule for all of
 * them, and never widens it.
 */
export function permits(
  name: string,
  rules: readonly ToolRule[],
  isSatisfied: (rule: ToolRule) => boolean,
): boolean {
  return rulesFor(name, rules).every(isSatisfied);
}

/** Whether what a rule says depends on who calls. */
export function dependsOnCaller({ scopes, claims }: ToolRule): boolean {
  return scopes.length > 0 || Object.keys(claims).length > 0;
}
