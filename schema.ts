/**
 * Writes `schema.json`: the package as Python, Go, C#, Java and YAML programs see it.
 *
 * Nothing reads the file: Pulumi infers the schema anew from the sources wherever the package is added. It is committed so that a change
 * of what other languages see is a diff that a review sees, too. It is exactly what Pulumi gets, the analyser's omissions included
 * (descriptions of types, whole numbers), and a test fails where it is not.
 */
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  ComponentProvider,
  getPulumiComponents,
} from "@pulumi/pulumi/provider/experimental/provider.js";
import { format, resolveConfig } from "prettier";
import * as api from "./infra/index.ts";

export const SCHEMA_PATH = join(import.meta.dirname, "schema.json");

/** What the analyser infers from the public API now. */
export async function inferSchema(): Promise<string> {
  const { name } = JSON.parse(readFileSync(join(import.meta.dirname, "package.json"), "utf8")) as {
    name: string;
  };
  const provider = new ComponentProvider({
    name,
    dirname: import.meta.dirname,
    components: getPulumiComponents(api),
  });
  return format(await provider.getSchema(), {
    ...(await resolveConfig(SCHEMA_PATH)),
    filepath: SCHEMA_PATH,
  });
}

if (import.meta.main) await writeFile(SCHEMA_PATH, await inferSchema());
