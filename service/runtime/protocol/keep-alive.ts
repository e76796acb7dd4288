/** An SSE comment: clients skip it, and everything between here and them sees a living connection. */
const COMMENT = ": keepalive\n\n";

/**
 * A response that turns into a stream where the one that is pending takes long: balancers and clients close connections on which nothing
 * happens, and a call may work for minutes without a word. Quick responses pass as they are.
 *
 * @param failure the JSON-RPC message to send where `pending` rejects after the stream has begun.
 */
export async function keepAlive(
  pending: Promise<Response>,
  milliseconds: number,
  failure: () => unknown,
): Promise<Response> {
  let timer: NodeJS.Timeout | undefined;
  const quiet = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, milliseconds, undefined);
  });
  try {
    const response = await Promise.race([pending, quiet]);
    return response ?? stream(pending, milliseconds, failure);
  } finally {
    clearTimeout(timer);
  }
}

function stream(
  pending: Promise<Response>,
  milliseconds: number,
  failure: () => unknown,
): Response {
  const encoder = new TextEncoder();
  let left = false;
  let body: ReadableStreamDefaultReader<Uint8Array> | undefined;
  let timer: NodeJS.Timeout | undefined;
  const readable = new ReadableStream<Uint8Array>({
    start: async (controller) => {
      controller.enqueue(encoder.encode(COMMENT));
      timer = setInterval(() => {
        controller.enqueue(encoder.encode(COMMENT));
      }, milliseconds);
      const response = await pending.catch(() => undefined);
      clearInterval(timer);
      if (left) {
        await response?.body?.cancel();
        return;
      }
      if (response !== undefined && isStream(response) && response.body !== null) {
        // It keeps itself alive from here.
        body = response.body.getReader();
        for (let part = await body.read(); !part.done; part = await body.read()) {
          controller.enqueue(part.value);
        }
      } else {
        const message =
          response === undefined ? JSON.stringify(failure()) : (await response.text()).trim();
        if (message !== "")
          controller.enqueue(encoder.encode(`event: message\ndata: ${message}\n\n`));
      }
      controller.close();
    },
    cancel: async (reason) => {
      left = true;
      clearInterval(timer);
      await body?.cancel(reason);
    },
  });
  return new Response(readable, {
    headers: {
      "Content-Type": "text/event-stream",
      "Cache-Control": "no-cache, no-transform",
      "X-Accel-Buffering": "no",
    },
  });
}

function isStream(response: Response): boolean {
  return response.headers.get("content-type")?.startsWith("text/event-stream") === true;
}
