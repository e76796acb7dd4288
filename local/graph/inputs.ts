import { z } from "zod";
import { LocalError, type GraphResource } from "./graph.ts";

/** A resource's inputs as a schema has them; the message names the resource and each input that does not fit. */
export function inputsOf<T>(resource: GraphResource, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(resource.inputs);
  if (parsed.success) return parsed.data;
  throw new LocalError(
    `The ${resource.type.split(":").at(-1) ?? "resource"} \`${resource.name}\` cannot run here: ${z.prettifyError(parsed.error)}`,
  );
}
