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
  let answered: Promise<void> | undefined;
  const readable = new ReadableStream<Uint8Array>({
    start: (controller) => {
      const comment = (): void => {
        controller.enqueue(encoder.encode(COMMENT));
      };
      comment();
      timer = setInterval(comment, milliseconds);
      answered = answer(controller);
      // Whoever reads is told; nobody may be reading.
      answered.catch(() => undefined);
    },
    // Not before the reader wants it: a slow one must not have the whole of a long stream waiting for it here.
    pull: async (controller) => {
      await answered;
      if (body === undefined) return;
      const part = await body.read();
      if (part.done) controller.close();
      else controller.enqueue(part.value);
    },
    cancel: async (reason) => {
      left = true;
      clearInterval(timer);
      await body?.cancel(reason);
    },
  });

  async function answer(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    const response = await pending.catch(() => undefined);
    clearInterval(timer);
    if (left) {
      await response?.body?.cancel();
      return;
    }
    if (response !== undefined && isStream(response) && response.body !== null) {
      // It keeps itself alive from here.
      body = response.body.getReader();
      return;
    }
    const message =
      response === undefined ? JSON.stringify(failure()) : (await response.text()).trim();
    if (message !== "") controller.enqueue(encoder.encode(`event: message\ndata: ${message}\n\n`));
    controller.close();
  }

  return new Response(readable, {
    headers: {
      "Content-Type": "text/event-stream",
      "Cache-Control": "no-cache, no-transform",
      "X-Accel-Buffering": "no",
    },
  });
}

/** Whether a response is a stream of server-sent events. */
export function isStream(response: Response): boolean {
  return response.headers.get("content-type")?.startsWith("text/event-stream") === true;
}
