import { textAt } from "../fields.ts";

/** Variables that tell a container of itself, or whom to trust, and not whom to call. */
const OWN = /^(?:MCP_(?:PUBLIC|DIRECT)_URL|AUTH_)/u;

/** The hosts that a container's variables name: what it calls, as far as the graph tells. */
export function upstreamsOf(environment: readonly unknown[]): string[] {
  const hosts = environment.flatMap((variable) => {
    const [name, value] = [textAt(variable, "name") ?? "", textAt(variable, "value") ?? ""];
    if (OWN.test(name) || !URL.canParse(value)) return [];
    const { protocol, hostname } = new URL(value);
    const isCalled = protocol === "https:" || protocol === "http:";
    return isCalled && !/^(?:127\.|localhost$|\[::1\])/u.test(hostname) ? [hostname] : [];
  });
  return [...new Set(hosts)];
}
