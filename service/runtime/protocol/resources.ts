import {
  isInputRequiredResult,
  ResourceTemplate as SdkResourceTemplate,
  type ListResourcesCallback,
  type McpServer,
  type ReadResourceResult,
} from "@modelcontextprotocol/server";
import { InputRequired } from "../input-required.ts";
import type { Resource, ResourceContent, ResourcePart, ResourceTemplate } from "../resource.ts";
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
        runOrThrow(runner, request, `The resource \`${name}\``, async (context) =>
          written(await resource.read(context), uri, resource.mimeType),
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
        runOrThrow(runner, request, `The resource \`${name}\``, async (context) =>
          written(await template.read(variables, { ...context, uri }), uri, template.mimeType),
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
    // What a caller may not read, it need not know of.
    if (!runner.permits(template.scopes)) return { resources: [] };
    const subject = `The list of \`${template.name}\``;
    const listed = await runOrThrow(runner, request, subject, async (context) => {
      const resources = [...((await template.list?.(context)) ?? [])].map((each) => ({ ...each }));
      assertJson(resources);
      return { resources };
    });
    // A list asks nobody for anything.
    return isInputRequiredResult(listed) ? { resources: [] } : listed;
  };
}

/** @throws where an author gives something else than content. */
function written(
  content: ResourceContent | InputRequired,
  uri: string,
  mimeType: string | undefined,
): ReadResourceResult | InputRequired {
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
