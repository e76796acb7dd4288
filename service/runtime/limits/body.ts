import type { IncomingMessage } from "node:http";
import { createAdmission, type Admission } from "./admission.ts";

/** A client that goes on sending past the limit is listened to this long, in bytes, so that it can read its answer. */
const DISCARDED_BYTES = 64 * 1024 * 1024;

/**
 * How much of bodies that are still arriving may be held at once: 64 MiB, sixteen bodies of the default limit. Without it, callers that
 * send slowly could have a replica hold `MAX_ONGOING_REQUESTS` × `MAX_BODY_BYTES`, 400 MiB by default, more than a small task has.
 */
const ARRIVING_BYTES = 64 * 1024 * 1024;

/**
 * How the reading of a body ended.
 *
 * - `read`: it is here;
 * - `too-large`: it is longer than allowed;
 * - `no-room`: too much of other bodies is arriving at the same time;
 * - `left`: the client went before its end, and nobody is there to answer.
 */
export type Body =
  | { readonly kind: "read"; readonly bytes: Buffer }
  | { readonly kind: "too-large" | "no-room" | "left" };

/** Room, in bytes, for bodies that are still arriving: one for a replica. */
export function createBodyRoom(maxBodyBytes: number): Admission {
  return createAdmission(Math.max(ARRIVING_BYTES, maxBodyBytes));
}

/**
 * Reads a request's body. Where the body is not kept, the rest is still read, 64 MiB of it at most, and thrown away: a server that stops reading
 * resets the connection, and a load balancer makes a 502 of the answer that it has not seen yet.
 *
 * @param maxBytes how long the body may be, in bytes.
 * @param room shared by all requests, see {@link createBodyRoom}.
 * @param done is called once, perhaps before this returns.
 */
export function collectBody(
  request: IncomingMessage,
  maxBytes: number,
  room: Admission,
  done: (body: Body) => void,
): void {
  const chunks: Buffer[] = [];
  const releases: (() => void)[] = [];
  let length = 0;
  let kept = true;
  const settle = (body: Body): void => {
    if (!kept) return;
    kept = false;
    for (const release of releases) release();
    releases.length = 0;
    if (body.kind === "read") {
      // A stream may stay open for hours, and with these listeners its body and all that waits for it.
      request.off("data", onData);
      request.off("end", onEnd);
      request.off("close", onClose);
    }
    done(body);
    chunks.length = 0;
  };
  const onData = (chunk: Buffer): void => {
    length += chunk.length;
    if (length > maxBytes + DISCARDED_BYTES) request.destroy();
    if (!kept) return;
    if (length > maxBytes) {
      settle({ kind: "too-large" });
      return;
    }
    // By what has come, not by what is announced: a promise of bytes would take room away at no cost.
    const release = room.admit(chunk.length);
    if (release === undefined) {
      settle({ kind: "no-room" });
      return;
    }
    releases.push(release);
    chunks.push(chunk);
  };
  const onEnd = (): void => {
    settle({ kind: "read", bytes: joined(chunks) });
  };
  const onClose = (): void => {
    settle({ kind: "left" });
  };
  // It may have gone while its token was being checked; no event tells again.
  if (request.destroyed) settle({ kind: "left" });
  // Announced as too long: answered before it comes.
  if (Number(request.headers["content-length"]) > maxBytes) settle({ kind: "too-large" });
  request.on("data", onData);
  request.on("end", onEnd);
  // A request that fails closes, too.
  request.on("error", ignore);
  request.on("close", onClose);
}

/** {@link collectBody} as a promise, which never rejects. */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  room: Admission,
): Promise<Body> {
  return new Promise((resolve) => {
    collectBody(request, maxBytes, room, resolve);
  });
}

function ignore(): void {
  // Its end tells.
}

/** Most bodies come in one piece, which needs no copy. */
function joined(chunks: readonly Buffer[]): Buffer {
  const [first, ...others] = chunks;
  return first !== undefined && others.length === 0 ? first : Buffer.concat(chunks);
}
