/** Clients that keep a server busy, for `bench/models.ts`: in a process of their own, so that their answers do not delay whoever asks `/healthz`. */

/** What the clients are to do. */
export interface Load {
  readonly origin: string;
  /** The request's JSON. */
  readonly body: string;
  readonly clients: number;
  readonly milliseconds: number;
}

process.on("message", ({ origin, body, clients, milliseconds }: Load) => {
  const end = performance.now() + milliseconds;
  let calls = 0;
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      const response = await fetch(`${origin}/mcp`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
        },
        body,
      });
      const text = await response.text();
      if (!text.includes("upright")) throw new Error(`A call failed: ${text.slice(0, 300)}`);
      calls += 1;
    }
  };
  void Promise.all(Array.from({ length: clients }, client)).then(() => {
    process.send?.(calls);
  });
});
