import {
  isInputRequiredResult,
  ResourceTemplate as SdkResourceTemplate,
  type ListResourcesCallback,
  type McpServer,
  type ReadResourceResult,
} from "@modelcontextprotocol/server";
import type { CallContext } from "../context.ts";
import { InputRequired } from "../input-required.ts";
import type {
  ListedResource,
  Resource,
  ResourceContent,
  ResourcePart,
  ResourceTemplate,
} from "../resource.ts";
import { after } from "./eventually.ts";
import { runOrThrow, type Runner } from "./run.ts";
import { assertJson } from "./schemas.ts";
import type { Challenge } from "./server.ts";

/** Registers resources and templates with a server. */
export function registerResources(
  server: McpServer,
  resources: readonly Resource[],
  templates: readonly ResourceTemplate[],
  runner: Runner,
  challenge: Challenge,
): void {
  for (const resource of resources) {
    const { name, uri } = resource;
    server.registerResource(
      name,
      uri,
      { ...metadata(resource), ...challenge(resource.scopes) },
      (_uri, request) =>
        runOrThrow(runner, request, subjectOf(resource), (context) =>
          readResource(resource, context),
        ),
    );
  }
  for (const template of templates) {
    const { name } = template;
    server.registerResource(
      name,
      new SdkResourceTemplate(template.uriTemplate, { list: lister(template, runner) }),
      { ...metadata(template), ...challenge(template.scopes) },
      ({ href: uri }, variables, request) =>
        runOrThrow(runner, request, subjectOf(template), (context) =>
          readTemplate(template, variables, { ...context, uri }),
        ),
    );
  }
}

type Read = ReadResourceResult | InputRequired;

/** Reads a resource; at once where it needs no time. */
export function readResource(resource: Resource, context: CallContext): Read | PromiseLike<Read> {
  const { uri, mimeType } = resource;
  return after(resource.read(context), (content) => written(content, uri, mimeType));
}

/** Reads a resource of a template; at once where it needs no time. */
export function readTemplate(
  template: ResourceTemplate,
  variables: Readonly<Record<string, string | string[]>>,
  context: CallContext & { readonly uri: string },
): Read | PromiseLike<Read> {
  return after(template.read(variables, context), (content) =>
    written(content, context.uri, template.mimeType),
  );
}

export function subjectOf({ name }: Resource | ResourceTemplate): string {
  return `The resource \`${name}\``;
}

function metadata({
  title,
  description,
  mimeType,
  cache,
}: Resource | ResourceTemplate): Parameters<McpServer["registerResource"]>[2] {
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(mimeType === undefined ? {} : { mimeType }),
    ...(cache === undefined ? {} : { cacheHint: cache }),
  };
}

function lister(template: ResourceTemplate, runner: Runner): ListResourcesCallback | undefined {
  if (template.list === undefined) return undefined;
  return async (request) => {
    // What a caller may not read, it need not know of.
    if (!runner.permits(template.scopes)) return { resources: [] };
    const listed = await runOrThrow(runner, request, listSubjectOf(template), (context) =>
      listResources(template, context),
    );
    // A list asks nobody for anything.
    return isInputRequiredResult(listed) ? { resources: [] } : listed;
  };
}

interface Listed {
  readonly [field: string]: unknown;
  readonly resources: ListedResource[];
}

/** What a template lists; at once where it needs no time. @throws where it is no JSON. */
export function listResources(
  template: ResourceTemplate,
  context: CallContext,
): Listed | PromiseLike<Listed> {
  return after(template.list?.(context), (listed) => {
    const resources = [...(listed ?? [])].map((each) => ({ ...each }));
    assertJson(resources);
    return { resources };
  });
}

export function listSubjectOf({ name }: ResourceTemplate): string {
  return `The list of \`${name}\``;
}

/** @throws where an author gives something else than content. */
function written(
  content: ResourceContent | InputRequired,
  uri: string,
  mimeType: string | undefined,
): Read {
  if (content instanceof InputRequired) return content;
  const parts: readonly ResourcePart[] =
    typeof content === "string" || content instanceof Uint8Array ? [{ content }] : content;
  return {
    contents: parts.map((part) => {
      const type = part.mimeType ?? mimeType;
      return typeof part.content === "string"
        ? { uri: part.uri ?? uri, mimeType: type ?? "text/plain", text: part.content }
        : {
            uri: part.uri ?? uri,
            mimeType: type ?? "application/octet-stream",
            blob: Buffer.from(part.content).toString("base64"),
          };
    }),
  };
}
