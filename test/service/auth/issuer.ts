import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { createKey, signToken, type SigningKey } from "./signing.ts";

/** An authorization server on loopback, as far as a resource server sees it. */
export interface Issuer {
  /** What its tokens have as `iss`. */
  readonly url: string;
  /** The keys that it publishes; tests change them. */
  keys: readonly SigningKey[];
  /** What it publishes beside them. */
  oddKeys: readonly unknown[];
  /** Whether it cuts every connection. */
  outage: boolean;
  /** What its discovery document says beside the issuer and its keys. */
  metadata: Readonly<Record<string, unknown>>;
  /** How often each path was asked for. */
  readonly requests: ReadonlyMap<string, number>;
  /** Resolves when a path has been asked for as often as that, since the start. */
  received(path: string, count: number): Promise<void>;
  /** A token of its first key, good for an hour for the server of the tests; `undefined` takes a claim out. */
  token(claims?: object, header?: object): string;
}

export const AUDIENCE = "https://mcp.example.com/mcp";
/** The path that Cognito uses as well. */
export const KEYS = "/pool/.well-known/jwks.json";
/** Leads to the keys, by a redirect. */
export const ELSEWHERE = "/pool/elsewhere";
export const DISCOVERY = "/pool/.well-known/openid-configuration";

/** Starts an issuer with one key; it ends with the test. */
export async function startIssuer(context: TestContext): Promise<Issuer> {
  const requests = new Map<string, number>();
  const events = new EventEmitter();
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    requests.set(path, (requests.get(path) ?? 0) + 1);
    events.emit("request");
    if (issuer.outage) {
      request.socket.destroy();
      return;
    }
    if (path === ELSEWHERE) {
      response.writeHead(302, { Location: KEYS }).end();
      return;
    }
    const body = {
      [KEYS]: { keys: [...issuer.oddKeys, ...issuer.keys.map(({ jwk }) => jwk)] },
      [DISCOVERY]: { issuer: url, jwks_uri: origin + KEYS, ...issuer.metadata },
    }[path];
    response
      .writeHead(body === undefined ? 404 : 200, { "Content-Type": "application/json" })
      .end(JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = `${origin}/pool`;
  const issuer: Issuer = {
    url,
    keys: [createKey("first")],
    oddKeys: [],
    outage: false,
    metadata: {},
    requests,
    received: async (path, count) => {
      while ((requests.get(path) ?? 0) < count) await once(events, "request");
    },
    token: (claims = {}, header = {}) => {
      const [key] = issuer.keys;
      if (key === undefined) throw new Error("The issuer has no key to sign with.");
      return signToken(key, { ...usualClaims(url), ...claims }, header);
    },
  };
  return issuer;
}

/** What a good token says. */
export function usualClaims(issuer: string): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  return { iss: issuer, sub: "user-1", aud: AUDIENCE, iat: now, exp: now + 3600 };
}
