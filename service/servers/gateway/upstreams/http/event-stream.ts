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
  /** The beginning of a line, as it came. */
  #rest: string[] = [];
  #restLength = 0;
  /** Whether the last character was a CR, to which an LF belongs that comes next. */
  #afterCr = false;
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
    if (text === "") return;
    let start = this.#afterCr && text.charCodeAt(0) === LF ? 1 : 0;
    this.#afterCr = false;
    // Each is looked for once, however many lines there are of the other kind.
    let lf = text.indexOf("\n", start);
    let cr = text.indexOf("\r", start);
    while (lf !== -1 || cr !== -1) {
      const isCr = cr !== -1 && (lf === -1 || cr < lf);
      const end = isCr ? cr : lf;
      this.#line(this.#whole(text.slice(start, end)));
      start = end + 1;
      if (isCr && start === text.length) this.#afterCr = true;
      else if (isCr && lf === start) start++;
      if (lf !== -1 && lf < start) lf = text.indexOf("\n", start);
      if (cr !== -1 && cr < start) cr = text.indexOf("\r", start);
    }
    if (start < text.length) {
      const rest = text.slice(start);
      this.#rest.push(rest);
      this.#restLength += rest.length;
    }
    if (this.#restLength + (this.#data?.length ?? 0) > this.#maxLength) this.#tooLong();
  }

  /** A line with what came of it before. */
  #whole(text: string): string {
    if (this.#restLength === 0) return text;
    const line = this.#rest.join("") + text;
    this.#rest = [];
    this.#restLength = 0;
    return line;
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
const SPACE = 32;
