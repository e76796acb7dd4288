import { LightAbortController, type Cancellation } from "../../../../runtime/cancellation.ts";
import type { UpstreamConfiguration } from "../../upstream-configuration.ts";
import type { UpstreamState } from "../../upstream.ts";
import type { Address } from "../addresses/address.ts";
import { Addresses } from "../addresses/addresses.ts";
import { Breaker, PROBE_MILLISECONDS } from "../breaker.ts";
import { Calls, type CallLimits } from "../calls.ts";
import type { CredentialContext, Credentials } from "../credentials/credentials.ts";
import { createCredentials } from "../credentials/index.ts";
import { Deadline } from "../deadline.ts";
import type { HttpRequest } from "../http/exchange.ts";
import { send, sendAuthorized } from "../http/send.ts";
import type { CompleteSurroundings } from "../surroundings.ts";
import { readAnswer, readSignOfLife, type ApplicationAnswer } from "./answer.ts";
import { isReadable } from "./result.ts";

/** How long the application may take to show that it is there. */
const ALIVE_MILLISECONDS = 10_000;
const NEVER = new LightAbortController();

/** Sends requests to the replicas of one application. */
export class ApplicationConnection {
  readonly #url: URL;
  readonly #surroundings: CompleteSurroundings;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #credentials: Credentials;
  readonly #addresses: Addresses;
  readonly #breaker: Breaker;
  readonly #calls: Calls;

  constructor(
    upstream: string,
    configuration: UpstreamConfiguration,
    surroundings: CompleteSurroundings,
  ) {
    const { clientInfo, clock, events, log } = surroundings;
    const url = new URL(configuration.url);
    this.#url = url;
    this.#surroundings = surroundings;
    this.#headers = {
      host: url.host,
      "user-agent": `${clientInfo.name}/${clientInfo.version}`,
      "accept-encoding": "identity",
    };
    this.#credentials = createCredentials(configuration.auth, surroundings);
    const { discovery, maxOngoingRequests } = configuration;
    const addresses = new Addresses(upstream, { url, discovery }, surroundings, (address) =>
      this.#answers(address),
    );
    const breaker = new Breaker(
      clock,
      async () => {
        const probes = addresses.all.map((address) => this.#answers(address));
        return (await Promise.all(probes)).includes(true);
      },
      (from, to) => {
        log[to === "open" ? "warn" : "info"]({ upstream, from, to }, "breaker");
        events.breaker?.({ upstream, from, to });
      },
    );
    this.#addresses = addresses;
    this.#breaker = breaker;
    this.#calls = new Calls({ upstream, maxOngoingRequests, addresses, breaker }, surroundings);
  }

  get state(): UpstreamState {
    return {
      breaker: this.#breaker.state,
      era: "http",
      healthyAddresses: this.#addresses.healthy,
      addresses: this.#addresses.all.length,
    };
  }

  /** Ends when the application has answered something. @throws {RelayError} if it does not. */
  async alive(cancellation: Cancellation): Promise<void> {
    const limits = { cancellation, timeoutMilliseconds: ALIVE_MILLISECONDS, repeatable: true };
    await this.#calls.run("GET", limits, (address, deadline) =>
      send(address, this.#signOfLife(), deadline, readSignOfLife),
    );
  }

  /**
   * Sends a request of the gateway's own, and reads whatever is answered.
   *
   * @throws {RelayError}
   */
  ask(
    { path, headers }: Pick<HttpRequest, "path" | "headers">,
    timeoutMilliseconds: number,
  ): Promise<ApplicationAnswer> {
    const request: HttpRequest = {
      method: "GET",
      path,
      headers: { ...this.#headers, ...headers },
    };
    const reading = readAnswer(this.#surroundings.maxAnswerBytes);
    const limits = { cancellation: NEVER, timeoutMilliseconds, repeatable: true };
    return this.#calls.run("GET", limits, (address, deadline) =>
      // Where every caller has proof of its own, the gateway has none.
      this.#credentials.perCaller
        ? send(address, request, deadline, reading)
        : sendAuthorized(
            address,
            request,
            { credentials: this.#credentials, context: { callerToken: undefined }, deadline },
            reading,
          ),
    );
  }

  /**
   * Sends the request of a call, and reads what a model can read.
   *
   * @throws {RelayError}
   */
  call(
    request: HttpRequest,
    context: CredentialContext,
    limits: CallLimits,
  ): Promise<ApplicationAnswer> {
    const whole = { ...request, headers: { ...request.headers, ...this.#headers } };
    const reading = readAnswer(this.#surroundings.maxAnswerBytes, isReadable);
    return this.#calls.run(request.method, limits, (address, deadline) =>
      sendAuthorized(
        address,
        whole,
        { credentials: this.#credentials, context, deadline },
        reading,
      ),
    );
  }

  /** Lets calls end, then closes what is open. */
  async close(): Promise<void> {
    await this.#calls.close();
    this.#breaker.close();
    await this.#addresses.close();
    await this.#credentials.close();
  }

  /** Whether an address answers HTTP at all: an error of the client's, or of its own, is an answer, too. It takes no credentials to get one. */
  async #answers(address: Address): Promise<boolean> {
    const deadline = new Deadline(this.#surroundings.clock, PROBE_MILLISECONDS);
    try {
      await send(address, this.#signOfLife(), deadline, readSignOfLife);
      return true;
    } catch {
      return false;
    } finally {
      deadline.end();
    }
  }

  #signOfLife(): HttpRequest {
    const { pathname, search } = this.#url;
    return { method: "GET", path: pathname + search, headers: this.#headers };
  }
}
