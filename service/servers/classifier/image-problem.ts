import { ToolError } from "../../runtime/tool.ts";

/** An image that cannot be had, in a sentence for the model that asked. */
export class ImageProblem extends ToolError {}

/** What an address may take of the message about it. */
const SHOWN_CHARACTERS = 80;

/** An address as messages show it. */
export function shown(address: string): string {
  return address.length <= SHOWN_CHARACTERS ? address : `${address.slice(0, SHOWN_CHARACTERS)}…`;
}
