import { createHash } from "node:crypto";
import { isSpecType } from "@modelcontextprotocol/server";
import type { JsonObject } from "../../../runtime/relay.ts";
import { clientName, isOffered } from "../names.ts";
import { rulesFor } from "../rules.ts";
import type { UpstreamListing } from "../upstream.ts";
import type { ToolRule, UpstreamConfiguration } from "../upstream-configuration.ts";
import { templateMatcher } from "./template-matcher.ts";

/** Something that has a name of its own at its upstream, and one for clients. */
export interface NamedPart {
  readonly name: string;
  readonly own: string;
  /** As clients see it. */
  readonly value: JsonObject;
}

export interface NamedTool extends NamedPart {
  /** Whoever wants to list or call it must satisfy all of them. */
  readonly rules: readonly ToolRule[];
}

export interface NamedTemplate extends NamedPart {
  readonly matches: (uri: string) => boolean;
}

/** What an upstream offers, as clients of the gateway see it. For resources and templates, both names are the URI. */
export interface NamedListing {
  readonly tools: readonly NamedTool[];
  readonly prompts: readonly NamedPart[];
  readonly resources: readonly NamedPart[];
  readonly resourceTemplates: readonly NamedTemplate[];
  readonly completions: boolean;
  readonly instructions: string | undefined;
  /** What was left out since no client could use it, in sentences. */
  readonly leftOut: readonly string[];
  /** Each another one where clients see something else. */
  readonly signatures: {
    readonly tools: string;
    readonly prompts: string;
    readonly resources: string;
    readonly rest: string;
  };
}

/** Gives everything that an upstream lists the name that clients know it by. One part that is no good costs the others nothing. */
export function nameListing(
  upstream: string,
  configuration: UpstreamConfiguration,
  listing: UpstreamListing,
): NamedListing {
  const leftOut: string[] = [];
  const parts = (
    what: "tool" | "prompt" | "resource" | "resource template",
    values: readonly JsonObject[],
  ): readonly { readonly own: string; readonly value: JsonObject }[] => {
    const { isValid, key } = KINDS[what];
    const seen = new Set<string>();
    return values.flatMap((value) => {
      const own = value[key];
      if (typeof own !== "string" || own === "" || !isValid(value)) {
        leftOut.push(
          `A ${what} of the upstream \`${upstream}\`${typeof own === "string" ? `, \`${own}\`,` : ""} is not what the protocol calls one.`,
        );
        return [];
      }
      if (seen.has(own)) {
        leftOut.push(`The upstream \`${upstream}\` lists the ${what} \`${own}\` more than once.`);
        return [];
      }
      seen.add(own);
      return [{ own, value }];
    });
  };
  const rename = ({ own, value }: { own: string; value: JsonObject }): NamedPart => {
    const name = clientName(upstream, own, configuration);
    return { own, name, value: { ...value, name } };
  };

  const tools = parts("tool", listing.tools)
    .filter(({ own }) => isOffered(own, configuration))
    .map((part) => {
      const named = rename(part);
      return { ...named, rules: rulesFor(named.name, configuration.rules) };
    });
  const prompts = parts("prompt", listing.prompts).map(rename);
  const resources = parts("resource", listing.resources).map((part) => ({
    ...part,
    name: part.own,
  }));
  const resourceTemplates = parts("resource template", listing.resourceTemplates).flatMap(
    (part) => {
      const matches = templateMatcher(part.own);
      if (matches !== undefined) return [{ ...part, name: part.own, matches }];
      leftOut.push(
        `The resource template \`${part.own}\` of the upstream \`${upstream}\` is no URI template, or has too many variables.`,
      );
      return [];
    },
  );
  const { completions, instructions } = listing;
  return {
    tools,
    prompts,
    resources,
    resourceTemplates,
    completions,
    instructions,
    leftOut,
    signatures: {
      tools: sign(tools),
      prompts: sign(prompts),
      resources: sign([resources, resourceTemplates]),
      rest: sign([completions, instructions]),
    },
  };
}

const KINDS = {
  tool: { key: "name", isValid: isSpecType.Tool },
  prompt: { key: "name", isValid: isSpecType.Prompt },
  resource: { key: "uri", isValid: isSpecType.Resource },
  "resource template": { key: "uriTemplate", isValid: isSpecType.ResourceTemplate },
} as const;

function sign(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("base64url");
}
