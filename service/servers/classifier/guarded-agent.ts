import { lookup as resolve, type LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { Agent } from "undici";
import type { AddressRule } from "./addresses.ts";

/** A host whose addresses are all closed to images. */
export class AddressRefused extends Error {
  override readonly name = "AddressRefused";
}

/** How names become addresses; the operating system's way in earnest. */
export type Resolve = (
  name: string,
  options: { readonly all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * A lookup that gives only the addresses that the rule lets through. The socket connects to what this returns and asks no one again, so a
 * name cannot be one address when it is checked and another one when it is connected to.
 */
export function guardedLookup(
  mayConnect: AddressRule,
  resolveName: Resolve = resolve,
): LookupFunction {
  return (name, { all }, callback) => {
    resolveName(name, { all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const open = addresses.filter(({ address }) => mayConnect(address));
      const [first] = open;
      if (first === undefined) callback(new AddressRefused(name), []);
      else if (all === true) callback(null, open);
      else callback(null, first.address, first.family);
    });
  };
}

/** An agent whose sockets go only where the rule lets them. It cannot guard addresses that stand in the URL itself: nobody looks them up. */
export function guardedAgent(
  lookup: LookupFunction,
  limits: { readonly timeoutMilliseconds: number; readonly maxBytes: number },
): Agent {
  const { timeoutMilliseconds: timeout, maxBytes } = limits;
  return new Agent({
    connect: { lookup, timeout },
    headersTimeout: timeout,
    bodyTimeout: timeout,
    maxResponseSize: maxBytes,
    maxHeaderSize: 16 * 1024,
    // A connection that is kept was checked when it was made, for its own host name: still, nobody asks twice for an image.
    pipelining: 0,
  });
}
