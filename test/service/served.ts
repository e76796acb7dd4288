/** A server that breaks in the ways of authors, as a process of its own: see `serve.test.ts`. */
import { serve } from "../../service/runtime/serve.ts";
import { defineTool } from "../../service/runtime/tool.ts";

await serve({
  name: "served",
  version: "1.2.3",
  tools: [
    defineTool({
      name: "floating",
      description: "Leaves a promise behind that rejects.",
      run: () => {
        void Promise.reject(new Error("nobody awaits this"));
        return "Done.";
      },
    }),
    defineTool({
      name: "throwing",
      description: "Throws where nobody catches, and goes on.",
      run: async () => {
        await new Promise((resolve) => {
          setImmediate(() => {
            resolve(undefined);
            throw new Error("nobody catches this");
          });
        });
        return "Done.";
      },
    }),
    defineTool({
      name: "talkative",
      description: "Logs more than a pipe holds.",
      run: (_input, { log }) => {
        for (let line = 0; line < 100; line++) log.info({ padding: "x".repeat(10_000) }, "line");
        return "Done.";
      },
    }),
  ],
  start: () => {
    if (process.env["NEVER_STARTS"] === undefined) return {};
    console.log('{"msg":"starting"}');
    return new Promise<never>(() => undefined);
  },
});
