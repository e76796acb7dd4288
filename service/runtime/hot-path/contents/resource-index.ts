import { UriTemplate } from "@modelcontextprotocol/server";
import type { Contents } from "../../protocol/contents.ts";
import { readResource, readTemplate, subjectOf } from "../../protocol/resources.ts";
import type { JsonObject } from "../../relay.ts";
import type { Resource, ResourceTemplate } from "../../resource.ts";
import { inOrder } from "./lists.ts";
import type { Reading } from "./plans.ts";

/** What can be read at an address, and what that takes. */
export interface FoundResource {
  readonly scopes: readonly string[] | undefined;
  readonly reading: Reading;
}

/** Finds what can be read at an address, as the SDK would; undefined where there is nothing. */
export type ResourceIndex = (uri: string) => FoundResource | undefined;

export function resourceIndex({ resources, resourceTemplates }: Contents): ResourceIndex {
  const found = new Map(resources.map((resource) => [resource.uri, fixed(resource)]));
  const templates = inOrder(resourceTemplates, "name").map((template) => ({
    template,
    pattern: new UriTemplate(template.uriTemplate),
  }));
  // Addresses that stay the same when they are parsed need not be.
  const canonical = new Map([...found].filter(([uri]) => URL.parse(uri)?.href === uri));
  return (uri) => {
    const listed = canonical.get(uri);
    if (listed !== undefined) return listed;
    const href = URL.parse(uri)?.href;
    if (href === undefined) return undefined;
    const resource = found.get(href);
    // Names for instruments are those that are listed, whatever else means the same.
    if (resource !== undefined) return found.has(uri) ? resource : unlisted(resource);
    for (const { template, pattern } of templates) {
      const variables = pattern.match(href);
      if (variables !== null) return matched(template, variables, href, found.has(uri));
    }
    return undefined;
  };
}

function fixed(resource: Resource): FoundResource {
  return {
    scopes: resource.scopes,
    reading: {
      subject: subjectOf(resource),
      isOffered: true,
      cache: cacheOf(resource),
      read: (context) => readResource(resource, context),
    },
  };
}

function unlisted({ scopes, reading }: FoundResource): FoundResource {
  return { scopes, reading: { ...reading, isOffered: false } };
}

function matched(
  template: ResourceTemplate,
  variables: Readonly<Record<string, string | string[]>>,
  uri: string,
  isOffered: boolean,
): FoundResource {
  return {
    scopes: template.scopes,
    reading: {
      subject: subjectOf(template),
      isOffered,
      cache: cacheOf(template),
      read: (context) => readTemplate(template, variables, Object.assign(context, { uri })),
    },
  };
}

function cacheOf({
  cache: { ttlMs = 0, cacheScope = "private" } = {},
}: Resource | ResourceTemplate): JsonObject {
  return { ttlMs, cacheScope };
}
