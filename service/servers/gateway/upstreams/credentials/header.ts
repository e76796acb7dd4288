import type { UpstreamAuth } from "../../upstream-configuration.ts";
import type { CompleteSurroundings } from "../surroundings.ts";
import type { Credentials } from "./credentials.ts";
import { Secret } from "./secret.ts";

/** A secret in a header: an API key, or a bearer token. */
export function headerCredentials(
  auth: Extract<UpstreamAuth, { mode: "header" }>,
  surroundings: CompleteSurroundings,
): Credentials {
  const secret = new Secret(auth.value, surroundings);
  const name = auth.header?.toLowerCase() ?? "authorization";
  const prefix = auth.header === undefined ? "Bearer " : "";
  let headers: { readonly value: string; readonly headers: Record<string, string> } | undefined;

  function from(value: string): Readonly<Record<string, string>> {
    if (headers?.value !== value) headers = { value, headers: { [name]: prefix + value } };
    return headers.headers;
  }

  return {
    perCaller: false,
    identity: () => "",
    headers: () => {
      const value = secret.value();
      return typeof value === "string" ? from(value) : value.then(from);
    },
    refused: (given) => secret.refused((given[name] ?? "").slice(prefix.length)),
    close: () => Promise.resolve(),
  };
}
