import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { Pool } from "undici";
import { z } from "zod";
import type { RawRequest } from "./gateway-streams.ts";

/** What became of one request. */
export interface Answer {
  /** 0 where there was none: the connection broke. */
  readonly status: number;
  /** The text of the result's first content; undefined where there is no result, or it is the tool's own error. */
  readonly text: string | undefined;
  readonly error: { readonly code: number; readonly message: string } | undefined;
  /** What `data.retryable` of the error says. */
  readonly retryable: boolean | undefined;
}

const message = z.object({
  result: z
    .object({
      isError: z.boolean().optional(),
      content: z.array(z.object({ text: z.string().optional() })).optional(),
    })
    .optional(),
  error: z
    .object({
      code: z.number(),
      message: z.string(),
      data: z.object({ retryable: z.boolean().optional() }).optional(),
    })
    .optional(),
});

/** Sends requests to one server over connections that are kept. */
export class Caller {
  readonly #pool: Pool;

  constructor(url: string, connections = 64) {
    this.#pool = new Pool(new URL(url).origin, { connections, pipelining: 1 });
  }

  async send({ headers, body }: RawRequest): Promise<Answer> {
    try {
      const { statusCode, body: answer } = await this.#pool.request({
        method: "POST",
        path: "/mcp",
        headers,
        body,
      });
      return read(statusCode, await answer.text());
    } catch {
      return { status: 0, text: undefined, error: undefined, retryable: undefined };
    }
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}

function read(status: number, text: string): Answer {
  const json = /^data: (?<data>\{.*"(?:result|error)".*)$/mu.exec(text)?.groups?.["data"] ?? text;
  const { result, error } = message.parse(JSON.parse(json));
  return {
    status,
    text: result?.isError === true ? undefined : (result?.content?.[0]?.text ?? ""),
    error,
    retryable: error?.data?.retryable,
    ...(result === undefined ? { text: undefined } : {}),
  };
}

/** Begins `rate` requests a second, whatever becomes of those before, until `isOver`; resolves when all have ended. */
export async function steadily<T>(
  rate: number,
  isOver: (begun: number) => boolean,
  begin: (index: number) => Promise<T>,
): Promise<readonly T[]> {
  const pending: Promise<T>[] = [];
  const started = performance.now();
  while (!isOver(pending.length)) {
    const due = Math.floor((rate * (performance.now() - started)) / 1000);
    while (pending.length < due && !isOver(pending.length)) pending.push(begin(pending.length));
    await delay(1);
  }
  return Promise.all(pending);
}
