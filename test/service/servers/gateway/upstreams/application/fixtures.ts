import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { JsonObject } from "../../../../../../service/runtime/relay.ts";
import type { Upstream } from "../../../../../../service/servers/gateway/upstream.ts";
import { upstreamConfiguration } from "../../../../../../service/servers/gateway/upstream-configuration.ts";
import {
  createUpstreams,
  type UpstreamSurroundings,
} from "../../../../../../service/servers/gateway/upstreams/index.ts";
import { readDocument } from "../../../../../../service/servers/gateway/upstreams/application/openapi/document.ts";
import {
  mapDocument,
  type MappedDocument,
} from "../../../../../../service/servers/gateway/upstreams/application/openapi/operations.ts";
import { startServer, type Listener, type TestServer } from "../upstream-servers.ts";
import { surroundingsOfTests } from "../fixtures.ts";

/** What FastAPI 0.165.0 (PyPI) generates for `shop.py`, which lies beside it: `json.dumps(app.openapi(), indent=2)`. */
export const SHOP = readFileSync(join(import.meta.dirname, "shop.openapi.json"), "utf8");
/** Written by hand; OpenAPI 3.0. */
export const PETSTORE = readFileSync(join(import.meta.dirname, "petstore.openapi.yaml"), "utf8");

export async function mapped(text: string, credentialHeader?: string): Promise<MappedDocument> {
  return mapDocument(await readDocument(text), credentialHeader);
}

/** An application under test, through the factory that the gateway uses; closed with the test. */
export function openApplication(
  context: TestContext,
  configuration: JsonObject,
  surroundings: Partial<UpstreamSurroundings> = {},
): Upstream {
  const upstream = createUpstreams({ ...surroundingsOfTests, ...surroundings })(
    "shop",
    upstreamConfiguration.parse(configuration),
  );
  context.after(() => upstream.close());
  return upstream;
}

/** What an application has been asked. */
export interface Asked {
  readonly line: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** A plain application, and everything that it is asked but for signs of life at `/`. */
export async function startApplication(
  context: TestContext,
  listener: Listener,
): Promise<{ readonly server: TestServer; readonly url: string; readonly asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = await startServer(context, (request, response, body) => {
    if (request.url === "/") {
      response.writeHead(404).end();
      return;
    }
    asked.push({
      line: `${request.method ?? ""} ${request.url ?? ""}`,
      headers: request.headers,
      body: server.requests.at(-1)?.body ?? "",
    });
    return listener(request, response, body);
  });
  return { server, url: `http://127.0.0.1:${server.port}`, asked };
}
