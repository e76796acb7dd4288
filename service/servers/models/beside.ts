import { extname } from "node:path";

/**
 * The address of the module `name` that lies beside the one that asks: a `.ts` file in the sources, `.js` in the published package. In the
 * bundle it is an entry of its own, so it lies beside every other file there: `.mjs`.
 *
 * @param asker the `import.meta.url` of who asks.
 */
export function moduleBeside(name: string, asker: string): URL {
  return new URL(`./${name}${extname(new URL(asker).pathname)}`, asker);
}
