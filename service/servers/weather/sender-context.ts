import { AsyncLocalStorage } from "node:async_hooks";
import { Client, type Dispatcher } from "undici";

const SENDER = Symbol("the context of whoever sends the request");

type Options = Dispatcher.DispatchOptions & {
  readonly [SENDER]?: ReturnType<typeof AsyncLocalStorage.snapshot>;
};

/**
 * Remembers in which context a request is sent, for {@link SenderContextClient}. A pool of undici sends what had to wait for a connection in
 * the context of the request that it waited for, so that traces would show it in another caller's call.
 */
export const rememberSender: Dispatcher.DispatcherComposeInterceptor =
  (dispatch) => (options, handler) => {
    const remembering: Options = { ...options, [SENDER]: AsyncLocalStorage.snapshot() };
    return dispatch(remembering, handler);
  };

/** A connection that sends every request in its sender's context. */
export class SenderContextClient extends Client {
  override dispatch(options: Options, handler: Dispatcher.DispatchHandler): boolean {
    const inContext = options[SENDER];
    if (inContext === undefined) return super.dispatch(options, handler);
    return inContext(() => super.dispatch(options, handler));
  }
}
