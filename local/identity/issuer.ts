import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "../clock.ts";
import { createRoutes } from "./routes.ts";
import { RunningPool } from "./running-pool.ts";
import { sendError } from "./send.ts";
import { machineToken } from "./tokens.ts";
import { OAuthFlow, type UserPool } from "./user-pool.ts";

/** How the issuer runs. */
export interface IssuerOptions {
  /**
   * What tokens count their time by: milliseconds since 1970. Default: the machine's date, which, unlike `machineClock`, goes on while the
   * machine sleeps; servers compare tokens with it.
   */
  readonly clock?: Pick<Clock, "now">;
  /**
   * Whether people see a page and press a button, as on AWS, or are taken to have signed in already. Default `page`; `automatic` is for tests
   * and drills, where nobody is there to press it.
   */
  readonly signIn?: "page" | "automatic";
  /** Hears why a request was refused: Cognito's own answers hardly say. Never told a secret. */
  readonly onRefusal?: (sentence: string) => void;
}

/** What stands in for Cognito on this machine. */
export interface LocalIssuer {
  /** Where it listens, such as `http://127.0.0.1:49152`. */
  readonly url: string;
  /** What Cognito's addresses are here: of every pool the issuer, and every origin of its OAuth endpoints. */
  readonly replacements: ReadonlyMap<string, string>;
  /**
   * An access token of a machine-to-machine client; undefined for any other client.
   *
   * @param scopes default: all that the client has.
   */
  tokenFor(clientId: string, scopes?: readonly string[]): string | undefined;
  /** Serves what the program declares now. Pools that stay keep their keys, and what they have issued. */
  update(pools: readonly UserPool[]): Promise<void>;
  /** Every pool signs with new keys from now on. Tokens of the ones before stay good until they leave, at the next rotation. */
  rotateKeys(): Promise<void>;
  /** Whether it cuts every connection, as if Cognito were out of reach. */
  setOutage(outage: boolean): void;
  close(): Promise<void>;
}

/** Starts a stand-in for the user pools of a program. Only this machine reaches it, and its keys live as long as it runs. */
export async function startIssuer(
  pools: readonly UserPool[],
  options: IssuerOptions = {},
): Promise<LocalIssuer> {
  const {
    clock = { now: () => Date.now() },
    signIn = "page",
    onRefusal = () => undefined,
  } = options;
  const running = new Map<string, RunningPool>();
  let outage = false;
  let routes = createRoutes([], { signIn, onRefusal });
  const server = createServer((request, response) => {
    if (outage) {
      request.socket.destroy();
      return;
    }
    void answer(request, response);
  });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      await routes(request, response);
    } catch (error) {
      // Who has left hears nothing.
      if (response.destroyed || request.destroyed) return;
      onRefusal(`The local issuer failed: ${error instanceof Error ? error.message : "unknown"}`);
      if (response.headersSent) response.destroy();
      else sendError(request, response, 500, "server_error");
    }
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  server.unref();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const update = async (next: readonly UserPool[]): Promise<void> => {
    const added = await Promise.all(
      next.filter(({ id }) => !running.has(id)).map((pool) => RunningPool.create(pool, url, clock)),
    );
    for (const pool of added) running.set(pool.pool.id, pool);
    for (const id of [...running.keys()]) {
      const pool = next.find((candidate) => candidate.id === id);
      const known = running.get(id);
      if (pool === undefined) running.delete(id);
      else if (known !== undefined) known.pool = pool;
    }
    routes = createRoutes([...running.values()], { signIn, onRefusal });
  };
  await update(pools);

  return {
    url,
    get replacements() {
      return new Map(
        [...running.values()].flatMap(({ pool, issuer }): [string, string][] => [
          [pool.issuer, issuer],
          ...pool.domains.map(({ domain, origin }): [string, string] => [
            origin,
            `${url}/${domain}`,
          ]),
        ]),
      );
    },
    tokenFor: (clientId, scopes) => {
      for (const pool of running.values()) {
        const client = pool.pool.clients.find(({ id }) => id === clientId);
        if (client?.flows.includes(OAuthFlow.ClientCredentials) === true)
          return machineToken(pool, client, scopes ?? client.scopes, pool.now);
      }
      return undefined;
    },
    update,
    rotateKeys: async () => {
      await Promise.all([...running.values()].map(({ keys }) => keys.rotate()));
    },
    setOutage: (value) => {
      outage = value;
    },
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
