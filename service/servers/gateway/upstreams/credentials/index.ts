import type { UpstreamAuth } from "../../upstream-configuration.ts";
import type { CompleteSurroundings } from "../surroundings.ts";
import { clientCredentials } from "./client-credentials.ts";
import { noCredentials, type Credentials } from "./credentials.ts";
import { headerCredentials } from "./header.ts";
import { sigv4 } from "./sigv4.ts";
import { tokenExchange } from "./token-exchange.ts";

/** The credentials that a configuration asks for. */
export function createCredentials(
  auth: UpstreamAuth,
  surroundings: CompleteSurroundings,
): Credentials {
  switch (auth.mode) {
    case "none":
      return noCredentials;
    case "header":
      return headerCredentials(auth, surroundings);
    case "client-credentials":
      return clientCredentials(auth, surroundings);
    case "token-exchange":
      return tokenExchange(auth, surroundings);
    case "sigv4":
      return sigv4(auth, surroundings);
  }
}
