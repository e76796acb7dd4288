import { request, type ClientRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Cancel, Clock } from "../clock.ts";
import { responseHeaders, type RawHeaders } from "./headers.ts";
import type { Destination } from "./node-view.ts";
import { respond } from "./pages.ts";

/** How a forwarded request ended. The load balancer never sends one twice. */
export type Outcome =
  | "answered"
  /** The client left before the answer was complete. */
  | "client left"
  /** No connection could be made: the target is dead, and no check has noticed yet. 502, or 504 where nothing refuses. */
  | "sent to a dead target"
  /** The connection broke, or its zone lost power, while the target was at work. 502, 504, or a cut stream. */
  | "lost in flight"
  /** Nothing moved for the idle timeout. 504, or a cut stream. */
  | "timed out";

/** How long a client may go on sending after its answer, as with nginx (`lingering_timeout`); that of an ALB is unknown. */
const LINGER_SECONDS = 5;

/** Until a target must have accepted a connection (ELB guide, "Troubleshoot": 504). */
const CONNECT_TIMEOUT_SECONDS = 10;

/** More headers than this in an answer are a 502 (ELB guide, "Troubleshoot"). */
const MOST_RESPONSE_HEADER_BYTES = 32 * 1024;

/** What became of a forwarded request. */
export interface Forwarded {
  readonly outcome: Outcome | undefined;
  readonly status: number;
  readonly targetStatus: number | undefined;
  /** From the request's last byte to the target's headers. */
  readonly targetMilliseconds: number | undefined;
  /** Bytes of both bodies. */
  readonly bytes: number;
}

export interface ForwardSettings {
  readonly clock: Clock;
  readonly headers: RawHeaders;
  /** Whether the target has no power already. */
  readonly isTargetLost: boolean;
  /** Something has moved, in either direction. */
  readonly touch: () => void;
  readonly ended: (forwarded: Forwarded) => void;
}

/** A request on its way to a target, and its answer back: bytes pass as they come, and nothing is ever sent twice. */
export class Exchange {
  readonly targetZone: string;
  readonly #incoming: IncomingMessage;
  readonly #outgoing: ServerResponse;
  readonly #destination: Destination;
  readonly #settings: ForwardSettings;
  #upstream: ClientRequest | undefined;
  #response: IncomingMessage | undefined;
  #cancelConnect: Cancel | undefined;
  #connected = false;
  #settled = false;
  /** The target has lost power: whatever its connection does is no answer. */
  #severed = false;
  #requestEndedAt: number | undefined;
  #targetMilliseconds: number | undefined;
  #bytes = 0;

  constructor(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    destination: Destination,
    settings: ForwardSettings,
  ) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.#destination = destination;
    this.#settings = settings;
    this.targetZone = destination.target.zone;
    destination.target.outstanding++;
    outgoing.on("close", () => {
      this.#clientClosed();
    });
    if (settings.isTargetLost) {
      this.#severed = true;
      this.#awaitConnection();
    } else {
      this.#send();
    }
  }

  /** Nothing has moved for the idle timeout. */
  timeOut(): void {
    // Who is silent in the middle of a request is told so, whatever the target does.
    if (!this.#incoming.complete && this.#response === undefined && !this.#severed)
      this.#fail(undefined, 408);
    else this.#fail(this.#severed ? "lost in flight" : "timed out", 504);
  }

  /** The target's zone has lost power: it hears nothing more, and what it sends does not arrive. */
  loseTarget(): void {
    if (this.#settled || this.#severed) return;
    this.#severed = true;
    this.#response?.unpipe(this.#outgoing);
    this.#incoming.unpipe();
    this.#upstream?.destroy();
  }

  /** The node itself has lost power: nothing reaches the client any more, not even an end. The target goes on, and answers nobody. */
  loseNode(): void {
    if (this.#settled) return;
    this.#response?.unpipe(this.#outgoing);
    this.#response?.resume();
    this.#settle("lost in flight", 0);
  }

  #send(): void {
    const { target, agent } = this.#destination;
    const { touch } = this.#settings;
    const upstream = request({
      host: target.address,
      port: target.port,
      method: this.#incoming.method,
      path: this.#incoming.url,
      headers: this.#settings.headers,
      maxHeaderSize: MOST_RESPONSE_HEADER_BYTES,
      setDefaultHeaders: false,
      agent,
    });
    this.#upstream = upstream;
    upstream.on("socket", (socket: Socket) => {
      if (!socket.connecting) {
        this.#connected = true;
        return;
      }
      this.#awaitConnection();
      socket.once("connect", () => {
        this.#connected = true;
        this.#cancelConnect?.();
        touch();
      });
    });
    upstream.on("error", () => {
      if (this.#severed) return;
      this.#fail(this.#connected ? "lost in flight" : "sent to a dead target", 502);
    });
    // Nobody has asked for another protocol.
    upstream.on("upgrade", (_response, socket) => {
      socket.destroy();
      this.#fail("lost in flight", 502);
    });
    upstream.on("response", (response) => {
      this.#answer(response);
    });
    this.#sendBody(upstream);
  }

  #sendBody(upstream: ClientRequest): void {
    const incoming = this.#incoming;
    const { headers } = incoming;
    if (headers["content-length"] === undefined && headers["transfer-encoding"] === undefined) {
      this.#requestEndedAt = performance.now();
      upstream.end();
      return;
    }
    // The target learns of the request before its body comes, which may take long; what has come already goes with it, in one write.
    setImmediate(() => {
      if (!this.#settled && !upstream.destroyed) upstream.flushHeaders();
    });
    incoming.on("data", (chunk: Buffer) => {
      this.#bytes += chunk.length;
      this.#settings.touch();
    });
    incoming.on("end", () => {
      this.#requestEndedAt = performance.now();
    });
    incoming.pipe(upstream);
  }

  #answer(response: IncomingMessage): void {
    if (this.#settled || this.#severed) {
      response.resume();
      return;
    }
    const { touch } = this.#settings;
    const outgoing = this.#outgoing;
    const now = performance.now();
    this.#targetMilliseconds = now - (this.#requestEndedAt ?? now);
    this.#response = response;
    touch();
    const status = response.statusCode ?? 0;
    if (status < 200 || status > 599) {
      this.#fail("lost in flight", 502);
      return;
    }
    // One write for headers, what of the body has come with them and its end; what comes later is not waited for.
    const { socket } = outgoing;
    socket?.cork();
    outgoing.writeHead(status, responseHeaders(response.rawHeaders));
    outgoing.flushHeaders();
    response.on("data", (chunk: Buffer) => {
      this.#bytes += chunk.length;
      touch();
    });
    response.on("error", () => {
      if (!this.#severed) this.#fail("lost in flight", 502);
    });
    response.on("end", () => {
      if (this.#severed) return;
      this.#settle("answered", status);
      this.#end();
    });
    response.pipe(outgoing, { end: false });
    // The stream reads in the first of these ticks, and ends in the second.
    process.nextTick(() => {
      process.nextTick(() => socket?.uncork());
    });
  }

  /**
   * Ends the answer. A client that is still sending would lose it, were its connection closed at once (RFC 9112, 9.6): it may send for a while, to
   * nobody.
   */
  #end(): void {
    const incoming = this.#incoming;
    const outgoing = this.#outgoing;
    if (incoming.complete) {
      outgoing.end();
      return;
    }
    const end = (): void => {
      cancel();
      outgoing.end();
    };
    const cancel = this.#settings.clock.after(LINGER_SECONDS * 1000, end);
    incoming.unpipe();
    incoming.once("end", end);
    incoming.once("close", end);
    incoming.resume();
  }

  #awaitConnection(): void {
    this.#cancelConnect = this.#settings.clock.after(CONNECT_TIMEOUT_SECONDS * 1000, () => {
      this.#fail("sent to a dead target", 504);
    });
  }

  #clientClosed(): void {
    if (this.#settled || this.#outgoing.writableFinished) return;
    // One that leaves in the middle of its request made a bad one (ELB guide, "Troubleshoot": 400, 460).
    const status = this.#incoming.complete ? 460 : 400;
    this.#settle("client left", this.#outgoing.headersSent ? this.#outgoing.statusCode : status);
    this.#upstream?.destroy();
  }

  #fail(outcome: Outcome | undefined, status: number): void {
    if (this.#settled) return;
    const outgoing = this.#outgoing;
    const started = outgoing.headersSent;
    this.#settle(outcome, started ? outgoing.statusCode : status);
    this.#incoming.unpipe();
    this.#upstream?.destroy();
    if (started) {
      outgoing.destroy();
      return;
    }
    // What is left of the request would be taken for the next one.
    if (!this.#incoming.complete) outgoing.shouldKeepAlive = false;
    respond(outgoing, status);
  }

  #settle(outcome: Outcome | undefined, status: number): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#cancelConnect?.();
    const { target, ended } = this.#destination;
    target.outstanding--;
    const targetStatus = this.#response?.statusCode;
    ended(
      (targetStatus ?? 0) >= 500 ||
        outcome === "sent to a dead target" ||
        outcome === "lost in flight",
    );
    this.#settings.ended({
      outcome,
      status,
      targetStatus,
      targetMilliseconds: this.#targetMilliseconds,
      bytes: this.#bytes,
    });
  }
}
