/** One response, read to its end. */
export interface Answer {
  readonly status: number;
  /** By name in lower case; values of several of one name are joined. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** What a server may not send. */
export class NotHttp extends Error {
  override readonly name = "NotHttp";
}

const STATUS_LINE = /^HTTP\/1\.1 (\d{3}) [\t\x20-\x7e\x80-\xff]*$/u;
const FIELD_LINE = /^([!#$%&'*+.^_`|~\w-]+):[\t ]*([\t\x20-\x7e\x80-\xff]*)$/u;

/** Reads responses from the bytes of a connection, strictly by RFC 9112: what a lenient client would forgive is a defect here. */
export class ResponseReader {
  #bytes = Buffer.alloc(0);

  push(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
  }

  /** What has come and belongs to no response that was read. */
  get rest(): Buffer {
    return this.#bytes;
  }

  /**
   * The next response that is complete; undefined where it is not.
   *
   * @param method of its request: what answers HEAD has no body.
   * @param closed whether the connection is, which ends a body that nothing else does.
   * @throws {NotHttp}
   */
  next(method: string, closed: boolean): Answer | undefined {
    for (;;) {
      const end = this.#bytes.indexOf("\r\n\r\n");
      if (end === -1) return undefined;
      const { status, headers } = readHead(this.#bytes.toString("latin1", 0, end));
      const rest = this.#bytes.subarray(end + 4);
      if (status < 200) {
        this.#bytes = rest;
        continue;
      }
      const read = readBody(rest, status, headers, { method, closed });
      if (read === undefined) return undefined;
      this.#bytes = rest.subarray(read.length);
      return { status, headers, body: read.body };
    }
  }
}

function readHead(text: string): { status: number; headers: Map<string, string> } {
  const [statusLine = "", ...lines] = text.split("\r\n");
  const status = Number(STATUS_LINE.exec(statusLine)?.[1]);
  if (!(status >= 100)) throw new NotHttp(`The status line is ${JSON.stringify(statusLine)}.`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = FIELD_LINE.exec(line) ?? [];
    if (name === undefined || value === undefined)
      throw new NotHttp(`A header line is ${JSON.stringify(line)}.`);
    const key = name.toLowerCase();
    const before = headers.get(key);
    headers.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return { status, headers };
}

function readBody(
  rest: Buffer,
  status: number,
  headers: ReadonlyMap<string, string>,
  { method, closed }: { readonly method: string; readonly closed: boolean },
): { body: Buffer; length: number } | undefined {
  const coding = headers.get("transfer-encoding");
  const announced = headers.get("content-length");
  if (coding !== undefined && announced !== undefined)
    throw new NotHttp("Both Content-Length and Transfer-Encoding are there.");
  if (method === "HEAD" || status === 204 || status === 304)
    return { body: Buffer.alloc(0), length: 0 };
  if (coding === "chunked") return readChunks(rest);
  // RFC 9112 §6.3, rule 8: the end of the connection is the end of the body.
  if (announced === undefined) return closed ? { body: rest, length: rest.length } : undefined;
  if (!/^\d+$/u.test(announced)) throw new NotHttp(`Content-Length is ${announced}.`);
  const length = Number(announced);
  return rest.length < length ? undefined : { body: rest.subarray(0, length), length };
}

function readChunks(bytes: Buffer): { body: Buffer; length: number } | undefined {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd === -1) return undefined;
    const size = bytes.toString("latin1", at, lineEnd);
    if (!/^[\da-f]+$/iu.test(size))
      throw new NotHttp(`The size of a chunk is ${JSON.stringify(size)}.`);
    const start = lineEnd + 2;
    const end = start + Number.parseInt(size, 16);
    if (bytes.length < end + 2) return undefined;
    if (bytes.toString("latin1", end, end + 2) !== "\r\n")
      throw new NotHttp("A chunk does not end with its size.");
    if (end === start) return { body: Buffer.concat(chunks), length: end + 2 };
    chunks.push(bytes.subarray(start, end));
    at = end + 2;
  }
}
