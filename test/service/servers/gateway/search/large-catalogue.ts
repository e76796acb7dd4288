import { readFileSync } from "node:fs";
import { z } from "zod";
import type { JsonObject } from "../../../../../service/runtime/relay.ts";
import { QUESTIONS } from "./questions.ts";

/** The tools of servers on npm (`@modelcontextprotocol/server-…`, 2025.4 to 2026.8), as they describe them. */
const published = z
  .array(
    z.object({
      upstream: z.string(),
      name: z.string(),
      description: z.string(),
      arguments: z.array(z.string()),
    }),
  )
  .parse(JSON.parse(readFileSync(new URL("published-tools.json", import.meta.url), "utf8")));

/** Made-up servers of a company, with what each works on; some work on things of the same name. */
const SERVICES: Readonly<Record<string, readonly string[]>> = {
  billing: ["invoice", "refund", "subscription", "tax rate", "credit note", "payment method"],
  inventory: ["warehouse", "stock level", "supplier", "purchase order", "shipment", "barcode"],
  crm: ["contact", "lead", "deal", "account", "campaign", "note"],
  hr: ["employee", "vacation request", "payslip", "job opening", "applicant", "contract"],
  calendar: ["event", "meeting room", "reminder", "invitation", "time zone", "holiday"],
  mail: ["message", "draft", "label", "filter", "attachment", "signature"],
  helpdesk: ["ticket", "comment", "queue", "article", "survey", "escalation"],
  deploy: ["release", "environment", "rollback", "pipeline", "artifact", "feature flag"],
  monitoring: ["alarm", "dashboard", "metric", "incident", "log group", "probe"],
  wiki: ["page", "space", "comment", "template", "attachment", "revision"],
  travel: ["flight", "hotel booking", "expense report", "visa", "itinerary", "car rental"],
};

/** What can be done, how servers say it, and how people do. */
const VERBS = [
  ["list", "Lists", "Results are paged and can be filtered.", ["show all", "list every", "which"]],
  ["get", "Returns", "Fails if it does not exist.", ["get the details of a", "look up one"]],
  ["create", "Creates", "Returns the new id.", ["create a new", "create one more"]],
  [
    "update",
    "Updates",
    "Only the given fields change.",
    ["update an existing", "update the fields of a"],
  ],
  ["delete", "Deletes", "This cannot be undone.", ["delete a", "delete an old"]],
  [
    "export",
    "Exports",
    "Writes a CSV file for spreadsheets.",
    ["export to csv the", "spreadsheet of each"],
  ],
] as const;

interface Question {
  readonly question: string;
  readonly tool: string;
}

/** About five hundred tools, by the names that clients see without a prefix, under their upstreams. */
export function largeCatalogue(): {
  readonly tools: ReadonlyMap<string, readonly JsonObject[]>;
  readonly published: readonly Question[];
  readonly generated: readonly Question[];
} {
  const tools = new Map<string, JsonObject[]>();
  const add = (upstream: string, value: JsonObject): void => {
    tools.set(upstream, [...(tools.get(upstream) ?? []), value]);
  };
  for (const { upstream, name, description, arguments: names } of published)
    add(upstream, tool(name, description, names));
  const generated: Question[] = [];
  for (const [service, things] of Object.entries(SERVICES))
    for (const thing of things)
      VERBS.forEach(([verb, says, detail, asks], index) => {
        const slug = thing.replaceAll(" ", "_");
        const name = verb === "list" || verb === "export" ? `${verb}_${slug}s` : `${verb}_${slug}`;
        const one = verb === "list" || verb === "export" ? `the ${thing}s` : `a ${thing}`;
        add(
          service,
          tool(name, `${says} ${one} in the ${service} system. ${detail}`, [
            `${slug}_id`,
            ...(verb === "list" ? ["cursor", "limit"] : []),
          ]),
        );
        const ask = asks[(thing.length + index) % asks.length] ?? asks[0];
        generated.push({
          question: `${ask} ${thing} in ${service}`,
          tool: `${service}__${name}`,
        });
      });
  return {
    tools,
    published: QUESTIONS.map(([question, name]) => ({ question, tool: name })),
    generated,
  };
}

function tool(name: string, description: string, names: readonly string[]): JsonObject {
  return {
    name,
    description,
    inputSchema: {
      type: "object",
      properties: Object.fromEntries(
        names.map((each) => [each, { type: "string", description: `The ${each}.` }] as const),
      ),
    },
  };
}
