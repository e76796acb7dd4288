import assert from "node:assert/strict";
import { after, before } from "node:test";
import type { Graph } from "../../../local/graph/graph.ts";
import {
  startIssuer,
  type IssuerOptions,
  type LocalIssuer,
} from "../../../local/identity/issuer.ts";
import { atLocalAddresses } from "../../../local/identity/local-address.ts";
import { readUserPools } from "../../../local/identity/user-pools.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { CALLBACK, MACHINE_ID, PERSON_ID, POOL_ID, SECRET, whole } from "./graphs.ts";

export const VERIFIER = "a-verifier-that-is-long-enough-for-the-standard";
/** The S256 challenge of {@link VERIFIER}. */
export const CHALLENGE = "1--h5GS1Ukdz7fFlwvuT-Rz8JSDiX2Bt5phSSjIkPtU";

/** An issuer, and what the tests ask it. */
export interface TestIssuer {
  readonly issuer: LocalIssuer;
  readonly clock: VirtualClock;
  /** Why requests were refused. */
  readonly refusals: readonly string[];
  /** The `iss` of the pool's tokens. */
  readonly iss: string;
  /** What stands before `/oauth2/…`. */
  readonly domain: string;
  /** Asks the token endpoint. */
  readonly token: (
    parameters: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Response>;
  /** A token for the machine of the tests. */
  readonly machineToken: () => Promise<Tokens>;
  /** Asks for a sign-in; what is undefined is left out. */
  readonly authorize: (
    parameters?: Readonly<Record<string, string | undefined>>,
  ) => Promise<Response>;
  /** Signs in, page and button, and gives the code. */
  readonly code: (parameters?: Readonly<Record<string, string | undefined>>) => Promise<string>;
  /** Redeems a code with the verifier. */
  readonly redeem: (
    code: string,
    parameters?: Readonly<Record<string, string>>,
  ) => Promise<Response>;
}

export interface Tokens {
  readonly access_token: string;
  readonly id_token?: string;
  readonly refresh_token?: string;
  readonly token_type: string;
  readonly expires_in: number;
}

export interface TestIssuerOptions extends Pick<IssuerOptions, "signIn"> {
  readonly graph?: Graph;
  /** What the declared addresses are here. */
  readonly origins?: ReadonlyMap<string, string>;
}

/** One issuer for all tests of a suite that leave it as it is: making keys takes most of a start. */
export function suiteIssuer(): () => TestIssuer {
  const ends: (() => unknown)[] = [];
  let shared: TestIssuer | undefined;
  before(async () => {
    shared = await startTestIssuer({ after: (end) => ends.push(end) });
  });
  after(() => Promise.all(ends.map((end) => end())));
  return () => {
    assert.ok(shared);
    return shared;
  };
}

/** Starts an issuer whose clock only the test turns; it ends with the test. */
export async function startTestIssuer(
  context: { after(end: () => Promise<void>): unknown },
  { graph = whole(), origins = new Map(), signIn = "page" }: TestIssuerOptions = {},
): Promise<TestIssuer> {
  const clock = new VirtualClock();
  await clock.advance(Date.now());
  const refusals: string[] = [];
  const issuer = await startIssuer(
    readUserPools(graph).map((pool) => atLocalAddresses(pool, origins)),
    { clock, signIn, onRefusal: (sentence) => refusals.push(sentence) },
  );
  context.after(() => issuer.close());
  const domain = `${issuer.url}/mcp-1a2b3c`;
  const token: TestIssuer["token"] = (parameters, headers) =>
    fetch(`${domain}/oauth2/token`, {
      method: "POST",
      body: new URLSearchParams(parameters),
      ...(headers === undefined ? {} : { headers }),
    });
  const authorize: TestIssuer["authorize"] = (parameters = {}) => {
    const asked: Readonly<Record<string, string | undefined>> = {
      response_type: "code",
      client_id: PERSON_ID,
      redirect_uri: CALLBACK,
      code_challenge: CHALLENGE,
      code_challenge_method: "S256",
      state: "the state",
      ...parameters,
    };
    const given = Object.entries(asked).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    return fetch(`${domain}/oauth2/authorize?${String(new URLSearchParams(given))}`, {
      redirect: "manual",
    });
  };
  return {
    issuer,
    clock,
    refusals,
    iss: `${issuer.url}/${POOL_ID}`,
    domain,
    token,
    machineToken: async () => {
      const response = await token({
        grant_type: "client_credentials",
        client_id: MACHINE_ID,
        client_secret: SECRET,
      });
      return (await response.json()) as Tokens;
    },
    authorize,
    code: async (parameters) => {
      const page = await authorize(parameters);
      const returned = await pressButton(page);
      return new URL(returned).searchParams.get("code") ?? "";
    },
    redeem: (code, parameters = {}) =>
      token({
        grant_type: "authorization_code",
        client_id: PERSON_ID,
        code,
        redirect_uri: CALLBACK,
        code_verifier: VERIFIER,
        ...parameters,
      }),
  };
}

/** Presses the button of a page, and gives the address that the browser is sent to. */
export async function pressButton(page: Response): Promise<string> {
  assert.equal(page.status, 200);
  const html = await page.text();
  const [, action = ""] = /<form method="post" action="([^"]*)">/u.exec(html) ?? [];
  const [, request = ""] = /name="request" value="([^"]*)"/u.exec(html) ?? [];
  const response = await fetch(new URL(action, page.url), {
    method: "POST",
    body: new URLSearchParams({ request }),
    redirect: "manual",
  });
  assert.equal(response.status, 302);
  return response.headers.get("location") ?? "";
}

/** The parts of a token; its signature is the servers' business. */
export function decode(token: string): {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
} {
  const [header = {}, claims = {}] = token
    .split(".")
    .slice(0, 2)
    .map(
      (part) =>
        JSON.parse(Buffer.from(part, "base64url").toString()) as Readonly<Record<string, unknown>>,
    );
  return { header, claims };
}

export function basic(id: string, secret: string): { readonly Authorization: string } {
  return { Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}` };
}
