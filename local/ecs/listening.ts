import { connect } from "node:net";
import type { Clock } from "../clock.ts";

/**
 * A process counts as running when its port takes connections, as a container does when its image has started. One that opens none is taken
 * as running after this long, so that its health checks can fail, as on AWS. Both are times of the machine.
 */
const DEADLINE_MILLISECONDS = 5000;
const POLL_MILLISECONDS = 20;

/**
 * Calls back when something listens, or the deadline is over.
 *
 * @param options.speed how much faster than the machine the clock goes.
 * @param options.over whether nobody waits any more.
 */
export function awaitListening(
  host: string,
  port: number,
  options: { readonly clock: Clock; readonly speed: number; readonly over: () => boolean },
  listening: () => void,
): void {
  const { clock, speed, over } = options;
  const deadline = clock.now() + DEADLINE_MILLISECONDS * speed;
  const poll = (): void => {
    if (over()) return;
    const socket = connect({ host, port });
    socket.once("connect", () => {
      socket.destroy();
      if (!over()) listening();
    });
    socket.once("error", () => {
      socket.destroy();
      if (over()) return;
      if (clock.now() >= deadline) listening();
      else clock.after(POLL_MILLISECONDS * speed, poll);
    });
  };
  poll();
}
