import {
  acceptedContent,
  inputRequired,
  inputResponse,
  type InputRequests,
  type InputResponseView,
} from "@modelcontextprotocol/server";
import type { z } from "zod";

/** A result that asks the client for something before the call can go on (protocol revision 2026-07-28). */
export class InputRequired {
  readonly requests: InputRequests;
  readonly state: unknown;

  constructor(requests: InputRequests, state: unknown) {
    this.requests = requests;
    this.state = state;
  }
}

/**
 * Ends this round of a call with questions for the client: return it from `run`, `read` or `render`. The client asks its user (or model),
 * and calls again with the answers, which may reach another replica.
 *
 * @param requests what to ask, each under a name of its own: made with {@link inputRequest}.
 * @param state what the next round needs of this one, as JSON. It is sealed, bound to the caller and to this very call, and valid for ten
 * minutes; the client carries it and can neither read nor change it.
 */
export function requireInput(requests: InputRequests, state?: unknown): InputRequired {
  return new InputRequired(requests, state);
}

/** The kinds of requests that {@link requireInput} may carry. A client that lacks the capability for one is told so (-32021). */
export const inputRequest = {
  /** Asks the user to fill in a form; `requestedSchema` is a zod object of plain fields, or a JSON Schema of the same. */
  form: (params: Parameters<typeof inputRequired.elicit>[0]) => inputRequired.elicit(params),
  /** Asks the user to visit an address. */
  url: (params: Parameters<typeof inputRequired.elicitUrl>[0]) => inputRequired.elicitUrl(params),
  /** Asks the client's model. */
  sampling: (params: Parameters<typeof inputRequired.createMessage>[0]) =>
    inputRequired.createMessage(params),
  /** Asks for the client's roots. */
  roots: () => inputRequired.listRoots(),
} as const;

/** The client's answers to an earlier round's requests. Untrusted: the client may send anything. */
export interface Answers {
  /** What the user filled in, if it was accepted and satisfies `schema`. */
  accepted<Schema extends z.ZodObject>(name: string, schema: Schema): z.output<Schema> | undefined;
  /** The answer as it came, refusals included. */
  get(name: string): InputResponseView;
}

/** Reads the answers of a request. */
export function readAnswers(responses: Record<string, unknown> | undefined): Answers {
  return {
    accepted: <Schema extends z.ZodObject>(name: string, schema: Schema) => {
      const content = schema.safeParse(acceptedContent(responses, name));
      return content.success ? content.data : undefined;
    },
    get: (name) => inputResponse(responses, name),
  };
}
