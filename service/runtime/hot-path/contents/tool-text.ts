import { specTypeSchemas, type ContentBlock } from "@modelcontextprotocol/server";
import { isPlainText, type ToolResult } from "../../protocol/tools.ts";
import type { Content } from "../../tool.ts";
import type { Recognised } from "../recognise.ts";
import { resultIn, type Served } from "./served.ts";

/** Writes the results of tools. */
export type ToolTexts = Readonly<Record<Recognised["era"], (result: ToolResult) => string>>;

/** What stands behind a tool's own result never changes, and structured content comes as JSON already: it need not be walked through twice. */
export function toolTexts(served: Pick<Served, "serverInfo">): ToolTexts {
  const writer = (era: Recognised["era"]): ToolTexts[typeof era] => {
    const fields = JSON.stringify(resultIn(era, {}, served)).slice(1, -1);
    const tail = fields === "" ? "}" : `,${fields}}`;
    return ({ content, structured }) =>
      structured === undefined
        ? `{"content":${blocks(content)}${tail}`
        : `{"content":${blocks(content)},"structuredContent":${structured.json}${tail}`;
  };
  return { modern: writer("modern"), legacy: writer("legacy") };
}

function blocks(content: Content): string {
  if (typeof content === "string") return `[{"type":"text","text":${JSON.stringify(content)}}]`;
  return JSON.stringify(isPlainText(content) ? content : content.map(knownFields));
}

/** The SDK sends of a block what its schema knows, so that clients with strict schemas take it. */
function knownFields(block: ContentBlock): unknown {
  const parsed = specTypeSchemas.ContentBlock["~standard"].validate(block);
  if (parsed instanceof Promise || parsed.issues !== undefined)
    throw new TypeError("The tool gave neither a text nor a list of content blocks.");
  return parsed.value;
}
