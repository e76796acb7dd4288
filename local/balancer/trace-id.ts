import { randomBytes } from "node:crypto";

/** Above this a trace is made anew, with its root alone (ELB guide, "Request tracing"). */
const LONGEST = 7 * 1024;

/** Where random bytes wait; asking for each request's alone takes longer than all else that is done for it. */
let pool = Buffer.alloc(0);
let used = 0;

function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    pool = randomBytes(4096);
    used = 0;
  }
  used += bytes;
  return pool.toString("hex", used - bytes, used);
}

/** A request without a trace gets one; one that has a root gets this hop beside it (ELB guide, "Request tracing"). */
export function traceId(given: string | string[] | undefined): string {
  const id = `1-${Math.floor(Date.now() / 1000)
    .toString(16)
    .padStart(8, "0")}-${randomHex(12)}`;
  if (typeof given !== "string" || given.length > LONGEST) return `Root=${id}`;
  const fields = given.split(";").filter((field) => !field.startsWith("Self="));
  return fields.some((field) => field.startsWith("Root="))
    ? [`Self=${id}`, ...fields].join(";")
    : `Root=${id}`;
}

/** The `Root` of a trace. */
export function rootOf(trace: string): string {
  return /(?:^|;)Root=([^;]*)/u.exec(trace)?.[1] ?? "";
}
