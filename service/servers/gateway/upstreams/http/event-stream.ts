import { StringDecoder } from "node:string_decoder";
import { AttemptFailure } from "../failure.ts";

/**
 * Reads `text/event-stream` (HTML standard, 9.2.6) as it comes, and gives the data of every `message` event. Ids and `retry` are left out: no
 * stream is resumed, since the revision of 2026-07-28 has no way to.
 */
export class EventStream {
  readonly #decoder = new StringDecoder("utf8");
  readonly #maxLength: number;
  readonly #message: (data: string) => void;
  /** The beginning of a line. */
  #rest = "";
  #data: string | undefined;
  #event = "";
  #first = true;

  /** @param maxLength the longest event, in UTF-16 code units. */
  constructor(maxLength: number, message: (data: string) => void) {
    this.#maxLength = maxLength;
    this.#message = message;
  }

  /** @throws {AttemptFailure} if an event becomes too long, and whatever the listener throws. */
  add(chunk: Buffer): void {
    let text = this.#decoder.write(chunk);
    if (this.#first && text !== "") {
      this.#first = false;
      if (text.startsWith("\uFEFF")) text = text.slice(1);
    }
    text = this.#rest + text;
    let start = 0;
    for (;;) {
      const end = lineEnd(text, start);
      if (end === -1) break;
      // What follows a CR at the end of a chunk may be the LF that belongs to it.
      if (text.charCodeAt(end) === CR && end + 1 === text.length) break;
      this.#line(text.slice(start, end));
      start = end + (text.charCodeAt(end) === CR && text.charCodeAt(end + 1) === LF ? 2 : 1);
    }
    this.#rest = start === 0 ? text : text.slice(start);
    if (this.#rest.length + (this.#data?.length ?? 0) > this.#maxLength) this.#tooLong();
  }

  #line(line: string): void {
    if (line === "") {
      const data = this.#data;
      const event = this.#event;
      this.#data = undefined;
      this.#event = "";
      if (data !== undefined && data !== "" && (event === "" || event === "message"))
        this.#message(data);
      return;
    }
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const field = colon === -1 ? line : line.slice(0, colon);
    if (field !== "data" && field !== "event") return;
    const value =
      colon === -1 ? "" : line.slice(line.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1);
    if (field === "event") this.#event = value;
    else this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
    if ((this.#data?.length ?? 0) > this.#maxLength) this.#tooLong();
  }

  #tooLong(): never {
    throw new AttemptFailure(`gave an event that is longer than ${this.#maxLength} characters`, {
      reason: "invalid_answer",
      mayHaveRun: true,
    });
  }
}

const LF = 10;
const CR = 13;
const SPACE = 32;

/** Where the line ends, at CR or LF; -1 where it does not. */
function lineEnd(text: string, start: number): number {
  const lf = text.indexOf("\n", start);
  const cr = text.indexOf("\r", start);
  if (cr === -1) return lf;
  return lf === -1 ? cr : Math.min(lf, cr);
}
