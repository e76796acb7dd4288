import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { access, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { mock, test } from "node:test";
import type * as Grpc from "@grpc/grpc-js";
import type * as Service from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type * as Messages from "@pulumi/pulumi/proto/provider_pb.js";
import { Analyzer } from "@pulumi/pulumi/provider/experimental/analyzer.js";
import { parse } from "yaml";
import { inferSchema, SCHEMA_PATH } from "../../schema.ts";

interface Manifest {
  readonly name: string;
  readonly main?: string;
  readonly exports: { readonly ".": { readonly types: string; readonly default: string } };
  readonly files: readonly string[];
}

interface Described {
  readonly description?: string;
}

interface Schema {
  readonly resources: Readonly<
    Record<
      string,
      Described & {
        readonly inputProperties: Readonly<Record<string, Described>>;
        readonly requiredInputs: readonly string[];
        readonly properties: Readonly<Record<string, Described>>;
        readonly required: readonly string[];
      }
    >
  >;
  readonly types: Readonly<
    Record<
      string,
      {
        readonly properties?: Readonly<Record<string, Described>>;
        readonly enum?: readonly (Described & { readonly name: string })[];
      }
    >
  >;
}

const ROOT = join(import.meta.dirname, "..", "..");
const manifest = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")) as Manifest;
const committed = await readFile(SCHEMA_PATH, "utf8");
const schema = JSON.parse(committed) as Schema;
/** An analysis takes seconds: one serves all tests. */
const analyze = mock.method(Analyzer.prototype, "analyze");
const inferred = await inferSchema();

test("GIVEN the components WHEN Pulumi's analyser reads them THEN schema.json is what it infers", () => {
  assert.equal(
    inferred,
    committed,
    "Other languages would see another package than schema.json says. If they are to, `npm run schema` writes it anew.",
  );
});

test("GIVEN schema.json THEN it holds the components, whose arguments may be left out but for a gateway's platform, and all of whose outputs are there", () => {
  assert.deepEqual(
    Object.entries(schema.resources).map(([token, { requiredInputs, properties, required }]) => ({
      token,
      requiredInputs,
      optionalOutputs: Object.keys(properties).filter((name) => !required.includes(name)),
    })),
    Object.entries({ McpPlatform: [], McpService: [], McpGateway: ["platform"] }).map(
      ([name, requiredInputs]) => ({
        token: `${manifest.name}:index:${name}`,
        requiredInputs,
        optionalOutputs: [],
      }),
    ),
  );
});

test("GIVEN schema.json THEN every component, argument, output, property and enum value is described", () => {
  const all: [string, Described][] = [];
  const add = (owner: string, members: Readonly<Record<string, Described>>): void => {
    for (const [name, member] of Object.entries(members)) all.push([`${owner}.${name}`, member]);
  };
  for (const [token, resource] of Object.entries(schema.resources)) {
    all.push([token, resource]);
    add(token, resource.inputProperties);
    add(token, resource.properties);
  }
  for (const [token, type] of Object.entries(schema.types)) {
    add(token, type.properties ?? {});
    for (const value of type.enum ?? []) all.push([`${token}.${value.name}`, value]);
  }

  assert.deepEqual(
    all.filter(([, { description = "" }]) => description === "").map(([name]) => name),
    [],
  );
});

test("GIVEN the types of the arguments WHEN the analyser reads them THEN each is described, although the schema leaves that out", () => {
  const { typeDefinitions = {} } = analyze.mock.calls[0]?.result ?? {};

  assert.deepEqual(
    Object.keys(typeDefinitions).map((name) => `${manifest.name}:index:${name}`),
    Object.keys(schema.types),
  );
  assert.deepEqual(
    Object.values(typeDefinitions)
      .filter(({ description = "" }) => description === "")
      .map(({ name }) => name),
    [],
  );
});

test("GIVEN package.json WHEN the package is built THEN the entry that it names is there, and it carries plugin manifest and schema", async () => {
  const { types, default: entry } = manifest.exports["."];
  for (const file of [types, entry]) {
    await assert.doesNotReject(access(join(ROOT, file)), `${file} is missing: npm run build`);
  }
  assert.deepEqual(parse(await readFile(join(ROOT, "PulumiPlugin.yaml"), "utf8")), {
    runtime: "nodejs",
  });
  for (const file of ["PulumiPlugin.yaml", "schema.json"]) assert.ok(manifest.files.includes(file));
});

test(
  "GIVEN the package as a plugin WHEN Pulumi's runner serves it THEN its schema is schema.json",
  {
    // The runner requires the folder, and for a folder Node reads `main`, not `exports`.
    timeout: 120_000,
  },
  async () => {
    assert.deepEqual(JSON.parse(await servedSchema(ROOT)), schema);
  },
);

/** Runs the folder as the Node.js language host does and asks for its schema. */
async function servedSchema(folder: string): Promise<string> {
  const require = createRequire(import.meta.url);
  // The very copy that the SDK itself uses.
  const grpc = createRequire(require.resolve("@pulumi/pulumi"))("@grpc/grpc-js") as typeof Grpc;
  const { ResourceProviderClient } =
    require("@pulumi/pulumi/proto/provider_grpc_pb.js") as typeof Service;
  const { GetSchemaRequest } = require("@pulumi/pulumi/proto/provider_pb.js") as typeof Messages;

  const runner = spawn(
    process.execPath,
    [require.resolve("@pulumi/pulumi/cmd/run-plugin"), folder],
    // Not in the folder: a plugin runs where the program is that uses it.
    { cwd: import.meta.dirname, stdio: ["ignore", "pipe", "pipe"] },
  );
  const said = text(runner.stderr);
  try {
    const { value: port } = await createInterface(runner.stdout)[Symbol.asyncIterator]().next();
    if (port === undefined) throw new Error(await said);
    const client = new ResourceProviderClient(
      `127.0.0.1:${port}`,
      grpc.credentials.createInsecure(),
    );
    try {
      return await new Promise<string>((resolve, reject) => {
        client.getSchema(new GetSchemaRequest(), (error, response) => {
          if (error === null) resolve(response.getSchema());
          else reject(error);
        });
      });
    } finally {
      client.close();
    }
  } finally {
    runner.kill("SIGKILL");
  }
}
