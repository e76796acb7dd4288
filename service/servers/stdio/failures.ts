/** A JSON-RPC error that a child answered. */
export class AnswerError extends Error {
  override readonly name = "AnswerError";
  readonly code: number;
  readonly data: unknown;

  constructor(message: string, code: number, data: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** A child ended before it answered: whether it has done what it was asked, nobody knows. */
export class ChildEnded extends Error {
  override readonly name = "ChildEnded";
}

/** A child had ended before it was asked. */
export class NotSent extends Error {
  override readonly name = "NotSent";
}

/** Nobody waits for the answer any more. */
export class Unanswered extends Error {
  override readonly name = "Unanswered";
  readonly reason: "cancelled" | "timeout";

  constructor(reason: "cancelled" | "timeout") {
    super(reason === "timeout" ? "The time for an answer is over." : "The request was cancelled.");
    this.reason = reason;
  }
}

/** No child could take a request: it has not been sent to any. */
export class NoChild extends Error {
  override readonly name = "NoChild";
}
