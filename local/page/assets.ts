import { readFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";

/** A file of the page. */
export interface Asset {
  readonly type: string;
  readonly body: string;
}

/** Run from the sources, the page's programs are TypeScript whose types are taken off here; the package has them compiled. */
const PROGRAMS = import.meta.filename.endsWith(".ts") ? "ts" : "js";

const FILE = /^\/(?<folder>client|style)\/(?<name>[a-z0-9-]+)\.(?<extension>css|js|ts)$/u;

/** The file that a path names; undefined where it names none. */
export async function asset(path: string): Promise<Asset | undefined> {
  if (path === "/") {
    const page = await file("page.html");
    return {
      type: "text/html; charset=utf-8",
      body: page.replace("/client/main.js", `/client/main.${PROGRAMS}`),
    };
  }
  if (path === "/icon.svg") return { type: "image/svg+xml", body: await file("icon.svg") };
  // The pattern leaves no way out of the two folders.
  const { folder, name, extension } = FILE.exec(path)?.groups ?? {};
  if (folder === undefined || name === undefined || extension === undefined) return undefined;
  if (extension !== (folder === "style" ? "css" : PROGRAMS)) return undefined;
  const text = await file(join(folder, `${name}.${extension}`)).catch(() => undefined);
  if (text === undefined) return undefined;
  if (extension === "css") return { type: "text/css; charset=utf-8", body: text };
  return {
    type: "text/javascript; charset=utf-8",
    body: extension === "ts" ? withoutTypes(text) : text,
  };
}

function file(name: string): Promise<string> {
  return readFile(join(import.meta.dirname, name), "utf8");
}

/** Node warns that this is new, once a process; whoever looks at a run's terminal has no use for that. */
function withoutTypes(source: string): string {
  const emit = process.emitWarning.bind(process);
  process.emitWarning = () => undefined;
  try {
    return stripTypeScriptTypes(source);
  } finally {
    process.emitWarning = emit;
  }
}
