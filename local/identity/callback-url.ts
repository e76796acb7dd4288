import { LocalError, type GraphResource } from "../graph/graph.ts";

/** Where Cognito sends people back without TLS: to programs on their own machines, on any port. */
const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

const MAX_URLS = 100;
const MAX_LENGTH = 1024;

/** @throws {LocalError} where Cognito would refuse a callback URL (API reference, `CreateUserPoolClient`). */
export function checkCallbackUrls(resource: GraphResource, urls: readonly string[]): void {
  if (urls.length > MAX_URLS) {
    throw new LocalError(
      `The UserPoolClient \`${resource.name}\` has ${urls.length} callback URLs; Cognito takes ${MAX_URLS}. Declare fewer.`,
    );
  }
  for (const url of urls) {
    const what = unfit(url);
    if (what === undefined) continue;
    throw new LocalError(
      `The UserPoolClient \`${resource.name}\` has the callback URL \`${url}\`, which ${what}. Take an https address, one of a scheme of your own, or for` +
        " programs on people's own machines `http://localhost`, `http://127.0.0.1` or `http://[::1]`.",
    );
  }
}

function unfit(text: string): string | undefined {
  if (text.length > MAX_LENGTH) return `is longer than ${MAX_LENGTH} characters`;
  const url = URL.parse(text);
  if (url === null) return "is no absolute URL";
  if (text.includes("#")) return "has a fragment";
  if (url.protocol === "http:" && !LOOPBACK.has(url.hostname)) return "is not encrypted";
  return undefined;
}
