/** A server as an author writes it with this package; `TOOLS` says how many tools it has, the one that is called being the last. */
import { z } from "zod";
import { defineTool, serve } from "../../service/index.ts";
import { ADD, SERVER } from "./add.ts";

const others = Array.from({ length: Number(process.env["TOOLS"] ?? 2) - 1 }, (_, index) =>
  defineTool({
    name: `tool_${index}`,
    description: `Is number ${index} of many tools that nobody calls here.`,
    input: z.object({
      title: z.string().max(200),
      count: z.number().int().min(0),
      tags: z.array(z.string()).optional(),
    }),
    output: z.object({ id: z.string(), title: z.string(), count: z.number() }),
    run: ({ title, count }) => ({ id: String(index), title, count }),
  }),
);

await serve({
  ...SERVER,
  tools: [...others, defineTool({ ...ADD, run: ({ a, b }) => ({ sum: a + b }) })],
});
