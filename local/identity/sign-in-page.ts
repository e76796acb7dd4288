import type { AuthorizationRequest } from "./authorization-request.ts";
import { USERNAME } from "./tokens.ts";

/** The page that stands in for Cognito's managed login. */
export function signInPage(
  { client, scopes, resource, redirectUri }: AuthorizationRequest,
  action: string,
  requestId: string,
): string {
  const facts: readonly (readonly [string, string])[] = [
    ["Client", client.name],
    ["Scopes", scopes.join(" ")],
    ["Resource", resource ?? "none"],
    ["Back to", redirectUri],
  ];
  return page(
    "Sign in",
    `<p>This page stands in for Cognito's managed login on this machine. There is one user, and no password.</p>
<dl>${facts.map(([term, value]) => `<dt>${term}</dt><dd>${escape(value)}</dd>`).join("")}</dl>
<form method="post" action="${escape(action)}">
<input type="hidden" name="request" value="${escape(requestId)}">
<button>Sign in as ${USERNAME}</button>
</form>`,
  );
}

/** The page that stands in for Cognito's error page. */
export function errorPage(message: string): string {
  return page(
    "Sign-in is not possible",
    `<p>${escape(message)}</p>
<p>This page stands in for Cognito's own on this machine.</p>`,
  );
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 4rem auto; padding: 0 1rem; color-scheme: light dark }
dt { font-weight: 600 } dd { margin: 0 0 .5rem; overflow-wrap: anywhere } button { font: inherit; padding: .5rem 1rem }
</style>
<h1>${title}</h1>
${body}
</html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escape(text: string): string {
  return text.replace(/[&<>"']/gu, (character) => ENTITIES[character] ?? "");
}
