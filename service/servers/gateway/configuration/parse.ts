import { PREFIX } from "../names.ts";
import { upstreamConfiguration, type UpstreamConfiguration } from "../upstream-configuration.ts";

/** An entry that was understood, or a sentence that says why not. */
export type Parsed =
  { readonly configuration: UpstreamConfiguration } | { readonly problem: string };

/** Reads the configuration of one upstream. The sentence names what is wrong, and repeats no value: somebody may have written a secret there. */
export function parseUpstream(name: string, text: string): Parsed {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: `The configuration of the upstream \`${name}\` is not JSON.` };
  }
  const parsed = upstreamConfiguration.safeParse(value);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) =>
      path.length === 0 ? message : `\`${path.join(".")}\`: ${message}`,
    );
    return {
      problem: `The configuration of the upstream \`${name}\` is not usable: ${problems.join("; ")}.`,
    };
  }
  const { prefix, kind, documentUrl } = parsed.data;
  if (prefix === undefined && !PREFIX.test(name))
    return {
      problem:
        `The name of the upstream \`${name}\` cannot stand before the names of its tools: it takes a letter or digit and up to 30` +
        " letters, digits, `_` or `-`. Rename the upstream, or give it a `prefix`.",
    };
  if (kind === "openapi" && documentUrl === undefined)
    return {
      problem: `The upstream \`${name}\` has the kind \`openapi\` and no \`documentUrl\`. Say where its document is.`,
    };
  return { configuration: parsed.data };
}
