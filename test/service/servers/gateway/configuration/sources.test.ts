import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileSource } from "../../../../../service/servers/gateway/configuration/file.ts";
import {
  parameterSource,
  ssmPages,
  type Parameter,
  type ParameterPage,
} from "../../../../../service/servers/gateway/configuration/parameters.ts";

const signal = new AbortController().signal;

/** A parameter store with two parameters a page. */
class Store {
  parameters: Parameter[] = [];
  readonly asked: [path: string, nextToken: string | undefined][] = [];

  readonly read = (path: string, nextToken: string | undefined): Promise<ParameterPage> => {
    this.asked.push([path, nextToken]);
    const from = Number(nextToken ?? 0);
    const next = from + 2 < this.parameters.length ? String(from + 2) : undefined;
    return Promise.resolve({
      parameters: this.parameters.slice(from, from + 2),
      ...(next === undefined ? {} : { nextToken: next }),
    });
  };
}

function parameter(name: string, value: string, version = "1"): Parameter {
  return { name: `/tools/upstreams/${name}`, value, version };
}

describe("GIVEN upstreams in the parameter store", () => {
  test("WHEN they are read THEN all pages are, and each upstream has the last part of its parameter's name", async () => {
    const store = new Store();
    store.parameters = ["a", "b", "c", "d", "e"].map((name) => parameter(name, `{"${name}":1}`));
    const source = parameterSource("/tools/upstreams/", store.read);
    assert.deepEqual(
      [...((await source.read(signal)) ?? [])],
      ["a", "b", "c", "d", "e"].map((name) => [name, `{"${name}":1}`]),
    );
    assert.deepEqual(store.asked, [
      ["/tools/upstreams", undefined],
      ["/tools/upstreams", "2"],
      ["/tools/upstreams", "4"],
    ]);
  });

  test("WHEN no version has changed THEN nothing has; a new version, one more and one fewer are changes", async () => {
    const store = new Store();
    const source = parameterSource("/tools/upstreams", store.read);
    store.parameters = [parameter("a", "1"), parameter("b", "1")];
    assert.equal((await source.read(signal))?.size, 2);
    assert.equal(await source.read(signal), undefined);
    store.parameters = [parameter("b", "1"), parameter("a", "1")];
    assert.equal(await source.read(signal), undefined);
    store.parameters = [parameter("a", "1", "2"), parameter("b", "1")];
    assert.equal((await source.read(signal))?.size, 2);
    store.parameters = [parameter("a", "1", "2")];
    assert.equal((await source.read(signal))?.size, 1);
    store.parameters = [];
    assert.equal((await source.read(signal))?.size, 0);
  });

  test("WHEN the AWS SDK reads them from an endpoint of the environment THEN it asks for what lies directly below the path, decrypted", async () => {
    const bodies: unknown[] = [];
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => (body += String(chunk)));
      request.on("end", () => {
        bodies.push([request.headers["x-amz-target"], JSON.parse(body)]);
        const isFirst = bodies.length === 1;
        response.writeHead(200, { "content-type": "application/x-amz-json-1.1" }).end(
          JSON.stringify({
            Parameters: [
              {
                Name: isFirst ? "/tools/a" : "/tools/b",
                Value: "{}",
                Version: 3,
                LastModifiedDate: 1_700_000_000,
              },
            ],
            ...(isFirst ? { NextToken: "more" } : {}),
          }),
        );
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const variables = {
      AWS_ENDPOINT_URL_SSM: `http://127.0.0.1:${port}`,
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
    };
    const before = { ...process.env };
    Object.assign(process.env, variables);
    try {
      const read = await parameterSource("/tools/", ssmPages()).read(signal);
      assert.deepEqual(
        [...(read ?? [])],
        [
          ["a", "{}"],
          ["b", "{}"],
        ],
      );
      const asked = { Path: "/tools", Recursive: false, WithDecryption: true };
      assert.deepEqual(bodies, [
        ["AmazonSSM.GetParametersByPath", asked],
        ["AmazonSSM.GetParametersByPath", { ...asked, NextToken: "more" }],
      ]);
    } finally {
      for (const name of Object.keys(variables))
        if (before[name] === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = before[name];
      server.closeAllConnections();
      server.close();
    }
  });
});

describe("GIVEN upstreams in a file", () => {
  const inFolder = async (use: (folder: string) => Promise<void>): Promise<void> => {
    const folder = await mkdtemp(join(tmpdir(), "gateway-"));
    try {
      await use(folder);
    } finally {
      await rm(folder, { recursive: true });
    }
  };

  test("WHEN it is read again THEN it is a change only if its text is another, and what is no object of upstreams is refused", () =>
    inFolder(async (folder) => {
      const file = join(folder, "upstreams.json");
      const source = fileSource(file);
      await assert.rejects(async () => source.read(signal), { code: "ENOENT" });
      await writeFile(file, '{ "a": { "url": "x" }, "b": 1 }');
      assert.deepEqual(
        [...((await source.read(signal)) ?? [])],
        [
          ["a", '{"url":"x"}'],
          ["b", "1"],
        ],
      );
      assert.equal(await source.read(signal), undefined);
      await writeFile(file, "[]");
      await assert.rejects(async () => source.read(signal), /holds no object of upstreams/u);
      await writeFile(file, "{");
      await assert.rejects(async () => source.read(signal), /is not JSON/u);
    }));

  test("WHEN another file takes its place, as editors do it, THEN whoever listens hears of it", () =>
    inFolder(async (folder) => {
      const file = join(folder, "upstreams.json");
      await writeFile(file, "{}");
      const source = fileSource(file);
      const heard = Promise.withResolvers<undefined>();
      const end = source.onHint?.(() => {
        heard.resolve(undefined);
      });
      await writeFile(`${file}.new`, "{}");
      await rename(`${file}.new`, file);
      await heard.promise;
      end?.();
    }));
});
