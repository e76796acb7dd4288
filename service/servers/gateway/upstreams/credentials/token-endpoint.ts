import { Agent, request } from "undici";
import { AttemptFailure } from "../failure.ts";
import type { CompleteSurroundings } from "../surroundings.ts";
import { BodyText } from "../http/body.ts";
import type { Secret } from "./secret.ts";

/** A token, and until when it is used. */
export interface Token {
  readonly value: string;
  /** In milliseconds since 1970-01-01 UTC. */
  readonly usedUntil: number;
}

/** An answer has some kilobytes. */
const MAX_ANSWER_BYTES = 256 * 1024;
const TIMEOUT_MILLISECONDS = 5000;
/** For a token without `expires_in`, which RFC 6749, 5.1, only recommends. */
const DEFAULT_LIFETIME_SECONDS = 300;
/** A token must still be good when the upstream looks at it, whose clock may be another. */
const MARGIN_SECONDS = 60;

/** Where an OAuth client gets tokens (RFC 6749, 3.2). */
export class TokenEndpoint {
  readonly #address: string;
  readonly #clientId: string;
  readonly #secret: Secret;
  readonly #surroundings: CompleteSurroundings;
  readonly #agent: Agent;

  constructor(
    given: { readonly tokenEndpoint: string; readonly clientId: string; readonly secret: Secret },
    surroundings: CompleteSurroundings,
  ) {
    this.#address = given.tokenEndpoint;
    this.#clientId = given.clientId;
    this.#secret = given.secret;
    this.#surroundings = surroundings;
    this.#agent = new Agent({
      connections: 8,
      connect: { timeout: TIMEOUT_MILLISECONDS },
      headersTimeout: TIMEOUT_MILLISECONDS,
      bodyTimeout: TIMEOUT_MILLISECONDS,
    });
  }

  /**
   * Asks for a token; once more with a secret that has become another where the client was refused.
   *
   * @throws {AttemptFailure}
   */
  async token(parameters: Readonly<Record<string, string | undefined>>): Promise<Token> {
    const secret = await this.#secret.value();
    const answer = await this.#ask(parameters, secret);
    if (answer.status === 401 && (await this.#secret.refused(secret)))
      return this.#read(await this.#ask(parameters, await this.#secret.value()));
    return this.#read(answer);
  }

  close(): Promise<void> {
    return this.#agent.close();
  }

  async #ask(
    parameters: Readonly<Record<string, string | undefined>>,
    secret: string,
  ): Promise<{ readonly status: number; readonly text: string }> {
    const form = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters))
      if (value !== undefined) form.set(name, value);
    // RFC 6749, 2.3.1: every server must take this way, and the parts are encoded as in a form.
    const user = `${formEncoded(this.#clientId)}:${formEncoded(secret)}`;
    try {
      const { statusCode, body } = await request(this.#address, {
        dispatcher: this.#agent,
        method: "POST",
        headers: {
          accept: "application/json",
          "content-type": "application/x-www-form-urlencoded",
          authorization: `Basic ${Buffer.from(user).toString("base64")}`,
        },
        body: form.toString(),
      });
      const text = new BodyText(MAX_ANSWER_BYTES);
      for await (const chunk of body as AsyncIterable<Buffer>) text.add(chunk);
      return { status: statusCode, text: text.text() };
    } catch (cause) {
      throw this.#failure("did not answer", cause);
    }
  }

  #read({ status, text }: { readonly status: number; readonly text: string }): Token {
    let answer: unknown;
    try {
      answer = JSON.parse(text);
    } catch {
      throw this.#failure(`answered with HTTP ${status} and no JSON`);
    }
    const { access_token, expires_in, error } = (
      typeof answer === "object" && answer !== null ? answer : {}
    ) as Record<string, unknown>;
    if (
      status !== 200 ||
      typeof access_token !== "string" ||
      !/^[\x21-\x7e]+$/u.test(access_token)
    ) {
      const named = typeof error === "string" ? ` and the error ${JSON.stringify(error)}` : "";
      throw this.#failure(`answered with HTTP ${status}${named}`);
    }
    const seconds = Number(expires_in ?? DEFAULT_LIFETIME_SECONDS);
    const lifetime = Number.isFinite(seconds) && seconds > 0 ? seconds : DEFAULT_LIFETIME_SECONDS;
    // A short-lived one is used for half its life.
    const used = Math.max(lifetime - MARGIN_SECONDS, lifetime / 2);
    return { value: access_token, usedUntil: this.#surroundings.clock.now() + used * 1000 };
  }

  #failure(what: string, cause?: unknown): AttemptFailure {
    // What exactly was said is for the operator: clients may not know who issues the tokens.
    this.#surroundings.log.warn(
      { tokenEndpoint: this.#address, err: cause },
      `a token endpoint ${what}`,
    );
    return new AttemptFailure("cannot be asked, since the gateway got no token for it", {
      reason: "credentials",
      mayHaveRun: false,
      cause,
    });
  }
}

function formEncoded(text: string): string {
  return new URLSearchParams({ "": text }).toString().slice(1);
}
