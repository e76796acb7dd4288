/** What every server under this benchmark offers, and how much it looks at tokens: enough to be the same work for all of them. */
import { timingSafeEqual } from "node:crypto";
import type { RequestHandler } from "express";
import { z } from "zod";

export const SERVER = { name: "bench", version: "1.0.0" } as const;

/** The tool that is called. */
export const ADD = {
  name: "add",
  description: "Adds two numbers.",
  input: z.object({ a: z.number(), b: z.number() }),
  output: z.object({ sum: z.number() }),
} as const;

export interface Numbers {
  readonly a: number;
  readonly b: number;
}

/** The result of a call, as the SDKs want it and as this package's runtime makes it. */
export function resultOfAdd({ a, b }: Numbers) {
  const structuredContent = { sum: a + b };
  return {
    content: [{ type: "text" as const, text: JSON.stringify(structuredContent) }],
    structuredContent,
  };
}

/** The least that an Express server can do about tokens without telling by its time how much of one was right. */
export function requireToken(token: string): RequestHandler {
  const expected = Buffer.from(`Bearer ${token}`);
  return (request, response, next) => {
    const given = Buffer.from(request.headers.authorization ?? "");
    if (given.length === expected.length && timingSafeEqual(given, expected)) next();
    else response.status(401).end();
  };
}

/** What the process that starts a server tells it. */
export function readSetting(): { readonly port: number; readonly token: string } {
  return { port: Number(process.env["PORT"]), token: process.env["BENCH_TOKEN"] ?? "" };
}
