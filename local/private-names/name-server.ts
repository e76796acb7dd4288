import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { decode, encode, TRUNCATED_RESPONSE, type Packet } from "dns-packet";
import { LocalError } from "../graph/graph.ts";

/** The IPv4 addresses of a name. */
export interface NameAnswer {
  readonly addresses: readonly string[];
  readonly ttlSeconds: number;
}

/** Looks a name up; undefined where there is no such name. */
export type LookUp = (name: string) => NameAnswer | undefined | Promise<NameAnswer | undefined>;

/** A name server of this machine. */
export interface NameServer {
  /** `127.0.0.1:53053`. */
  readonly address: string;
  close(): Promise<void>;
}

/** Longer ones go by TCP (RFC 1035, 4.2.1). */
const UDP_BYTES = 512;
/** A question has some dozens of bytes; a client that sends more wants no answer. */
const MAX_QUESTION_BYTES = 4096;
/** RFC 1035, 4.1.1; RFC 6895, 2.3. */
const NO_SUCH_NAME = 3;
const FAILED = 2;
const AUTHORITATIVE_AND_RECURSIVE = 0x0480;
/** A port is free for UDP where it is for TCP, nearly always. */
const ATTEMPTS = 20;

/** Starts one, by UDP and TCP on one port. */
export async function startNameServer(lookUp: LookUp): Promise<NameServer> {
  const udp = createSocket("udp4");
  const open = new Set<Socket>();
  const tcp = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => undefined);
    serveStream(socket, lookUp);
  });
  const port = await listen(tcp, udp);
  tcp.unref();
  udp.unref();
  udp.on("message", (question, { address, port: from }) => {
    void answer(question, lookUp).then((reply) => {
      if (reply === undefined) return;
      udp.send(reply.length > UDP_BYTES ? truncated(reply) : reply, from, address, () => undefined);
    });
  });
  return {
    address: `127.0.0.1:${port}`,
    close: async () => {
      const closed = once(tcp, "close");
      tcp.close();
      for (const socket of open) socket.destroy();
      await Promise.all([
        closed,
        new Promise<void>((resolve) => {
          udp.close(resolve);
        }),
      ]);
    },
  };
}

async function listen(
  tcp: ReturnType<typeof createServer>,
  udp: ReturnType<typeof createSocket>,
): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    tcp.listen(0, "127.0.0.1");
    await once(tcp, "listening");
    const { port } = tcp.address() as AddressInfo;
    try {
      const bound = once(udp, "listening");
      udp.bind(port, "127.0.0.1");
      await bound;
      return port;
    } catch {
      const closed = once(tcp, "close");
      tcp.close();
      await closed;
    }
  }
  throw new LocalError(
    "There is no port that is free for both UDP and TCP, for the private names of tasks. Close programs that listen on many ports.",
  );
}

/** Each message has its length before it (RFC 1035, 4.2.2). */
function serveStream(socket: Socket, lookUp: LookUp): void {
  let received = Buffer.alloc(0);
  let answering = Promise.resolve();
  socket.on("data", (chunk) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 2) {
      const length = received.readUInt16BE();
      if (length > MAX_QUESTION_BYTES) {
        socket.destroy();
        return;
      }
      if (received.length < 2 + length) return;
      const question = received.subarray(2, 2 + length);
      received = received.subarray(2 + length);
      answering = answering.then(async () => {
        const reply = await answer(question, lookUp);
        if (reply === undefined) socket.destroy();
        else if (!socket.destroyed) socket.write(Buffer.concat([lengthOf(reply), reply]));
      });
    }
  });
}

function lengthOf(reply: Buffer): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(reply.length);
  return bytes;
}

/** @returns undefined for what is no question. */
async function answer(message: Buffer, lookUp: LookUp): Promise<Buffer | undefined> {
  let packet: Packet;
  try {
    packet = decode(message);
  } catch {
    return undefined;
  }
  const { id = 0, type, questions = [] } = packet;
  const question = questions[0];
  if (type !== "query" || question === undefined || questions.length > 1) return undefined;
  const reply = (rcode: number, answers: Packet["answers"] = []): Buffer =>
    encode({
      type: "response",
      id,
      flags: AUTHORITATIVE_AND_RECURSIVE | rcode,
      questions: [question],
      answers,
    });
  try {
    const found = await lookUp(question.name);
    if (found === undefined) return reply(NO_SUCH_NAME);
    // The name is there, but has no record of any other type.
    if (question.type !== "A") return reply(0);
    return reply(
      0,
      found.addresses.map((data) => ({
        type: "A",
        name: question.name,
        ttl: found.ttlSeconds,
        data,
      })),
    );
  } catch {
    return reply(FAILED);
  }
}

/** The same without records: the client asks again by TCP. */
function truncated(reply: Buffer): Buffer {
  const { id = 0, questions = [] } = decode(reply);
  return encode({
    type: "response",
    id,
    flags: AUTHORITATIVE_AND_RECURSIVE | TRUNCATED_RESPONSE,
    questions,
  });
}
