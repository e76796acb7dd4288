import { UriTemplate, type CacheHint } from "@modelcontextprotocol/server";
import { z } from "zod";
import { isScope } from "../auth/scopes.ts";
import { ConfigurationError } from "../configuration-error.ts";
import type { Prompt } from "../prompt.ts";
import type { Resource, ResourceTemplate } from "../resource.ts";
import type { ServerDefinition } from "../server.ts";
import type { Tool } from "../tool.ts";
import type { Contents } from "./contents.ts";
import { headerProblem } from "./header-names.ts";
import { jsonSchema } from "./schemas.ts";

/** SEP-986: what every client and gateway accepts as the name of a tool. */
const TOOL_NAME = /^[\w.-]{1,128}$/u;

/**
 * Refuses a definition that clients could not use. Programs in TypeScript have some of these mistakes found by its compiler; all have them found
 * here, before the replica says that it is ready.
 *
 * @throws {ConfigurationError} that says what to change.
 */
export function checkDefinition({ name, version, cache }: ServerDefinition): void {
  for (const [key, value] of Object.entries({ name, version })) {
    if (typeof value === "string" && value !== "") continue;
    throw new ConfigurationError(`The server has no \`${key}\`. Clients are told it; give one.`);
  }
  checkCache("The server", cache);
}

/** @throws {ConfigurationError} that names the first offer that clients could not use. */
export function checkContents(contents: Contents): void {
  const { tools, resources, resourceTemplates, prompts } = contents;
  for (const tool of tools) checkTool(tool);
  for (const resource of resources) checkResource(resource);
  for (const template of resourceTemplates) checkTemplate(template);
  for (const prompt of prompts) checkPrompt(prompt);
  refuseRepeated("tool", "name", tools);
  refuseRepeated("resource", "uri", resources);
  refuseRepeated("resource template", "name", resourceTemplates);
  refuseRepeated("resource template", "uriTemplate", resourceTemplates);
  refuseRepeated("prompt", "name", prompts);
}

function checkTool(tool: Tool): void {
  const subject = subjectOf("tool", tool, "run");
  if (!TOOL_NAME.test(tool.name)) {
    throw new ConfigurationError(
      `${subject} does not have a name of 1 to 128 letters, digits and \`_.-\`. Clients refuse others; rename it.`,
    );
  }
  if (typeof tool.description !== "string" || tool.description === "") {
    throw new ConfigurationError(
      `${subject} has no \`description\`. Models choose by it; give one.`,
    );
  }
  checkSchema(subject, "input", tool.input);
  checkSchema(subject, "output", tool.output);
  checkScopes(subject, tool.scopes);
  const problem = tool.input === undefined ? undefined : headerProblem(tool.input);
  if (problem !== undefined)
    throw new ConfigurationError(`In the tool \`${tool.name}\`, ${problem}`);
}

function checkResource(resource: Resource): void {
  const subject = subjectOf("resource", resource, "read");
  if (!URL.canParse(resource.uri)) {
    throw new ConfigurationError(
      `The resource \`uri\` \`${resource.uri}\` is not an absolute URI. Give one, such as \`docs://guide\`.`,
    );
  }
  checkScopes(subject, resource.scopes);
  checkCache(subject, resource.cache);
}

/** `{+a}`, `{#a}` and `{a*}` match any number of characters, and are matched by trying: two of them take minutes on a long address. */
const GREEDY = /\{[+#][^}]*\}|\{[^}]*\*\}/gu;

function checkTemplate(template: ResourceTemplate): void {
  const subject = subjectOf("resource template", template, "read");
  const { uriTemplate, complete = {} } = template;
  let variables: readonly string[];
  try {
    variables = new UriTemplate(uriTemplate).variableNames;
  } catch {
    variables = [];
  }
  if (variables.length === 0) {
    throw new ConfigurationError(
      `${subject} has the \`uriTemplate\` \`${uriTemplate}\`, which is no RFC 6570 template with a variable. Give one, such as \`docs://{page}\`.`,
    );
  }
  if ((uriTemplate.match(GREEDY)?.length ?? 0) > 1) {
    throw new ConfigurationError(
      `${subject} has the \`uriTemplate\` \`${uriTemplate}\`, with more than one expression that matches slashes or lists; matching them takes too` +
        " long. Use plain ones, such as `{page}`, for all but one.",
    );
  }
  refuseUnknown(subject, "variable", Object.keys(complete), variables);
  checkScopes(subject, template.scopes);
  checkCache(subject, template.cache);
}

function checkPrompt(prompt: Prompt): void {
  const subject = subjectOf("prompt", prompt, "render");
  checkSchema(subject, "arguments", prompt.arguments);
  const properties =
    prompt.arguments === undefined
      ? {}
      : (jsonSchema(prompt.arguments, "input")["properties"] ?? {});
  for (const [name, { type }] of Object.entries(properties as Record<string, { type?: unknown }>)) {
    if (type === "string") continue;
    throw new ConfigurationError(
      `${subject} has the argument \`${name}\`, which is no string: clients send nothing else. Use \`z.string()\`.`,
    );
  }
  refuseUnknown(subject, "argument", Object.keys(prompt.complete ?? {}), Object.keys(properties));
  checkScopes(subject, prompt.scopes);
}

/** What the sentence is about; whatever has no name or no function cannot be that. */
function subjectOf(kind: string, offer: { readonly name: string }, action: string): string {
  const given: unknown = offer;
  if (typeof given !== "object" || given === null) {
    throw new ConfigurationError(`One ${kind} is \`${String(given)}\`. Give an object.`);
  }
  const { name, [action]: run } = given as Record<string, unknown>;
  // `__proto__` and the like are no names that an object could have as keys.
  if (typeof name !== "string" || name === "" || name in {}) {
    throw new ConfigurationError(
      `A ${kind} has the name \`${String(name)}\`. Give it another one.`,
    );
  }
  if (typeof run !== "function") {
    throw new ConfigurationError(
      `The ${kind} \`${name}\` has no \`${action}\`. Give the function that does it.`,
    );
  }
  return `The ${kind} \`${name}\``;
}

function checkSchema(subject: string, argument: string, schema: z.ZodObject | undefined): void {
  if (schema === undefined) return;
  if (!(schema instanceof z.ZodObject)) {
    throw new ConfigurationError(
      `${subject} has an \`${argument}\` that is no zod object. Use \`z.object({ … })\` of zod 4.`,
    );
  }
  try {
    jsonSchema(schema, argument === "output" ? "output" : "input");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigurationError(
      `${subject} has an \`${argument}\` that JSON Schema cannot describe, and so clients could not read: ${reason}. Use what JSON has, such as a text for a date.`,
    );
  }
}

function checkScopes(subject: string, scopes: readonly string[] = []): void {
  const wrong = scopes.find((scope) => !isScope(scope));
  if (wrong === undefined) return;
  throw new ConfigurationError(
    `${subject} has the scope \`${wrong}\`, which no token can carry. Use printable ASCII without spaces, quotes and backslashes.`,
  );
}

function checkCache(subject: string, cache: CacheHint | undefined): void {
  if (cache === undefined) return;
  const { ttlMs, cacheScope } = cache;
  const isRight =
    (ttlMs === undefined || (Number.isSafeInteger(ttlMs) && ttlMs >= 0)) &&
    (cacheScope === undefined || ["public", "private"].includes(cacheScope));
  if (isRight) return;
  throw new ConfigurationError(
    `${subject} has the \`cache\` \`${JSON.stringify(cache)}\`. Give \`ttlMs\` as whole milliseconds, and \`cacheScope\` as \`public\` or \`private\`.`,
  );
}

function refuseUnknown(
  subject: string,
  kind: string,
  completed: readonly string[],
  known: readonly string[],
): void {
  const unknown = completed.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new ConfigurationError(
    `${subject} completes \`${unknown}\`, but has no such ${kind}. It has: ${known.join(", ") || "none"}.`,
  );
}

function refuseRepeated<Key extends string>(
  kind: string,
  key: Key,
  offers: readonly Readonly<Record<Key, string>>[],
): void {
  const values = offers.map((offer) => offer[key]);
  const repeated = values.find((value, index) => values.indexOf(value) !== index);
  if (repeated === undefined) return;
  throw new ConfigurationError(
    `Two ${kind}s have the ${key} \`${repeated}\`. Give each a ${key} of its own.`,
  );
}
