const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** What becomes of lines. */
export interface LineOptions {
  /** How many bytes a line may have, without its end. */
  readonly mostBytes: number;
  /** Gets each line that is not empty, without its end, and its bytes, which stay what they are. */
  readonly line: (text: string, bytes: Buffer) => void;
  /** Called when a line is longer, and no line follows. Default: such a line is cut, and the rest of it is dropped. */
  readonly tooLong?: () => void;
}

/**
 * Splits bytes into lines of UTF-8. Bytes are kept until their line is whole, and only then decoded: characters whose bytes come in different
 * chunks stay what they are.
 *
 * @returns what takes each chunk.
 */
export function splitLines({ mostBytes, line, tooLong }: LineOptions): (chunk: Buffer) => void {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let stopped = false;

  const hold = (piece: Buffer): void => {
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
    if (held.length === 0) return;
    const bytes = Buffer.concat(held, heldBytes);
    held = [];
    heldBytes = 0;
    tell(bytes);
  };

  const tell = (bytes: Buffer): void => {
    const last = bytes.length - 1;
    const whole = bytes[last] === CARRIAGE_RETURN ? bytes.subarray(0, last) : bytes;
    if (whole.length > 0) line(whole.toString("utf8"), whole);
  };

  return (chunk) => {
    let start = 0;
    while (!stopped && start < chunk.length) {
      const end = chunk.indexOf(NEWLINE, start);
      // Most lines come in one piece, and nothing of them has to be kept.
      if (end !== -1 && held.length === 0 && end - start <= mostBytes) {
        tell(chunk.subarray(start, end));
      } else {
        hold(chunk.subarray(start, end === -1 ? chunk.length : end));
        if (end === -1 || isStopped()) return;
        finish();
      }
      start = end + 1;
    }
  };

  function isStopped(): boolean {
    return stopped;
  }
}
