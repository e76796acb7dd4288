/**
 * Preloaded (`node --import`) into test processes that run Pulumi programs. node:test follows every promise by `async_hooks`, to know whose
 * test an unhandled error belongs to. A Pulumi program makes promises by the ten thousands, and following them takes two thirds of the
 * processor's time. Without it such an error still fails the run, but as one that belongs to no test.
 */
import { createHook, type AsyncHook } from "node:async_hooks";

const prototype = Object.getPrototypeOf(createHook({})) as Pick<AsyncHook, "enable">;
const { enable } = prototype;

prototype.enable = function (this: AsyncHook): AsyncHook {
  // Other hooks, such as those of AsyncLocalStorage in Node 22, work as ever.
  const byTestRunner = new Error().stack?.includes("node:internal/test_runner/") === true;
  return byTestRunner ? this : enable.call(this);
};
