import type { IncomingMessage } from "node:http";

/** A client that goes on sending past the limit is listened to this long, in bytes, so that it can read its answer. */
const DISCARDED_BYTES = 64 * 1024 * 1024;

/**
 * Reads a request's body.
 *
 * @returns undefined where it is longer than `maxBytes`. The rest is then read and thrown away: a server that stops reading resets the
 * connection, and a load balancer makes a 502 of the answer that it has not seen yet.
 * @throws where the client leaves before its end.
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    // Announced as too long: answered before it comes.
    if (Number(request.headers["content-length"]) > maxBytes) resolve(undefined);
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxBytes) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      resolve(undefined);
      if (length > maxBytes + DISCARDED_BYTES) request.destroy();
    });
    request.on("end", () => {
      resolve(Buffer.concat(chunks));
    });
    request.on("error", reject);
    request.on("close", () => {
      reject(new Error("The client left before the end of its request."));
    });
  });
}
