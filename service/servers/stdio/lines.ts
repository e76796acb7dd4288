const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** What becomes of lines. */
export interface LineOptions {
  /** How many bytes a line may have, without its end. */
  readonly mostBytes: number;
  /** Gets each line that is not empty, without its end. */
  readonly line: (text: string) => void;
  /** Called when a line is longer, and no line follows. Default: such a line is cut, and the rest of it is dropped. */
  readonly tooLong?: () => void;
}

/**
 * Splits bytes into lines of UTF-8. Bytes are kept until their line is whole, and only then decoded: characters whose bytes come in different
 * chunks stay what they are.
 *
 * @returns what takes each chunk.
 */
export function splitLines({ mostBytes, line, tooLong }: LineOptions): (chunk: Uint8Array) => void {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let stopped = false;

  const hold = (piece: Uint8Array): void => {
    const room = mostBytes - heldBytes;
    if (piece.length > room && tooLong !== undefined) {
      stopped = true;
      held = [];
      tooLong();
      return;
    }
    const kept = piece.length > room ? piece.subarray(0, room) : piece;
    heldBytes += kept.length;
    if (kept.length > 0) held.push(kept);
  };

  const finish = (): void => {
    const [first] = held;
    if (first === undefined) return;
    const bytes = held.length === 1 ? first : Buffer.concat(held, heldBytes);
    held = [];
    heldBytes = 0;
    const text = decode(bytes);
    if (text !== "") line(text);
  };

  return (chunk) => {
    let start = 0;
    while (!stopped && start < chunk.length) {
      const end = chunk.indexOf(NEWLINE, start);
      hold(chunk.subarray(start, end === -1 ? chunk.length : end));
      if (end === -1 || isStopped()) return;
      finish();
      start = end + 1;
    }
  };

  function isStopped(): boolean {
    return stopped;
  }
}

function decode(bytes: Uint8Array): string {
  const end = bytes.at(-1) === CARRIAGE_RETURN ? bytes.length - 1 : bytes.length;
  return Buffer.from(bytes.buffer, bytes.byteOffset, end).toString("utf8");
}
