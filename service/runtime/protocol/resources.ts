import {
  isInputRequiredResult,
  ResourceTemplate as SdkResourceTemplate,
  type InputRequiredResult,
  type ListResourcesCallback,
  type McpServer,
  type ReadResourceResult,
} from "@modelcontextprotocol/server";
import type { Resource, ResourceContent, ResourcePart, ResourceTemplate } from "../resource.ts";
import { runOrThrow, type Runner } from "./run.ts";
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
      async (_uri, request) =>
        written(
          await runOrThrow(runner, request, `The resource \`${name}\``, (context) =>
            resource.read(context),
          ),
          uri,
          resource.mimeType,
        ),
    );
  }
  for (const template of templates) {
    const { name } = template;
    server.registerResource(
      name,
      new SdkResourceTemplate(template.uriTemplate, { list: lister(template, runner) }),
      { ...metadata(template), ...challenge(template.scopes) },
      async ({ href: uri }, variables, request) =>
        written(
          await runOrThrow(runner, request, `The resource \`${name}\``, (context) =>
            template.read(variables, { ...context, uri }),
          ),
          uri,
          template.mimeType,
        ),
    );
  }
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
    const listed = await runOrThrow(
      runner,
      request,
      `The list of \`${template.name}\``,
      async (context) => (await template.list?.(context)) ?? [],
    );
    // A list asks nobody for anything.
    return { resources: isInputRequiredResult(listed) ? [] : listed.map((each) => ({ ...each })) };
  };
}

function written(
  content: ResourceContent | InputRequiredResult,
  uri: string,
  mimeType: string | undefined,
): ReadResourceResult | InputRequiredResult {
  if (isInputRequiredResult(content)) return content;
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
