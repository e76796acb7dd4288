/** A value that is there now, or will be. Most of what authors write is there now, and a promise costs more than all the rest of such a call. */
export type Eventually<T> = T | Promise<T>;

/** Whether a value has to be waited for, as `await` sees it. */
export function isPending<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return (
    ((typeof value === "object" && value !== null) || typeof value === "function") &&
    "then" in value &&
    typeof value.then === "function"
  );
}

/** Goes on with a value: at once where it is there, else when it comes. What is thrown at once is thrown, not rejected with. */
export function after<T, R>(
  value: T | PromiseLike<T>,
  next: (value: T) => R | PromiseLike<R>,
): R | PromiseLike<R> {
  return isPending(value) ? Promise.resolve(value).then(next) : next(value);
}
