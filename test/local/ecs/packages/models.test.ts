/** Models that are on this machine, and those that are not; npm is a stand-in, which tells what it was asked. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { preparePackages } from "../../../../local/ecs/packages/prepare.ts";
import type { ImageModels } from "../../../../local/graph/image-models.ts";
import type { EcsService } from "../../../../local/graph/services.ts";
import { container } from "../../containers.ts";
import { revision } from "../fake-service.ts";
import { machine, REAPER } from "./machine.ts";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const DECLARED = `translator=acme/words@${COMMIT}#model`;

interface Prepared {
  readonly services: readonly EcsService[];
  readonly told: readonly string[];
}

/** A machine with a lock of the libraries, whose npm makes an empty `node_modules`. */
async function withModels(context: TestContext): Promise<{
  readonly folder: string;
  readonly wanted: ImageModels;
  readonly asked: () => Promise<string[]>;
  readonly has: (name: string, repository?: string) => Promise<void>;
  readonly prepare: (environment?: Record<string, string>) => Promise<Prepared>;
}> {
  const { asked, cache } = await machine(context, { npm: 'mkdir "$PWD/node_modules"' });
  const folder = await mkdtemp(join(tmpdir(), "mcp-models-"));
  context.after(() => rm(folder, { recursive: true }));
  const libraries = join(folder, "libraries");
  await mkdir(libraries);
  await writeFile(join(libraries, "package.json"), "{}");
  await writeFile(join(libraries, "package-lock.json"), "{ }");
  const wanted: ImageModels = {
    models: [{ name: "translator", declared: DECLARED }],
    precision: undefined,
    libraries,
    download: join(process.cwd(), "service", "dist", "download-models.mjs"),
  };
  return {
    folder,
    wanted,
    asked,
    has: async (name, repository = "acme/words") => {
      await mkdir(join(folder, name), { recursive: true });
      const manifest = { repository, revision: COMMIT, files: {} };
      await writeFile(join(folder, name, "model.json"), JSON.stringify(manifest));
    },
    prepare: async (environment = {}) => {
      const told: string[] = [];
      const containers = [container("server", { models: wanted, environment })];
      const services = await preparePackages(
        // Both at once: what they share is installed once.
        [revision({ name: "words" }, containers), revision({ name: "again" }, containers)],
        {
          reaper: REAPER,
          signal: undefined,
          cache,
          models: folder,
          tell: (service, text) => told.push(`${service}: ${text}`),
        },
      );
      return { services, told };
    },
  };
}

test("GIVEN models on this machine WHEN a service is prepared THEN its container is told where they are, and their libraries are installed by their lock, once", async (context) => {
  const { asked, folder, has, prepare } = await withModels(context);
  await has("translator");

  const first = await prepare({ MODEL_WORKERS: "1" });
  const second = await prepare();

  const [service] = first.services;
  assert.ok(service);
  assert.equal(service.missing, undefined);
  const { NODE_PATH: libraries = "", ...environment } =
    service.task.containers[0]?.environment ?? {};
  assert.deepEqual(environment, { MODELS_PATH: folder, MODEL_WORKERS: "1" });
  assert.equal(await readFile(join(libraries, "..", "package-lock.json"), "utf8"), "{ }");
  assert.equal(second.services[0]?.task.containers[0]?.environment["NODE_PATH"], libraries);
  assert.deepEqual(await asked(), [
    "npm ci --omit=dev --ignore-scripts --no-audit --no-fund --no-update-notifier",
  ]);
  assert.deepEqual(first.told, ["words: installs the libraries of the models for `server`"]);
  assert.deepEqual(second.told, []);
});

test("GIVEN models that are not on this machine WHEN a service is prepared THEN it says how to get them, and installs nothing", async (context) => {
  const { asked, folder, prepare } = await withModels(context);

  const { services, told } = await prepare();

  const sentence =
    `not started: the model of \`translator\` is not in \`${folder}\`. Get it with \`node service/dist/download-models.mjs ${folder} ${DECLARED}\`,` +
    " or name the folder that has it in `MODELS_PATH`, and start again";
  assert.deepEqual(told.toSorted(), [`again: ${sentence}`, `words: ${sentence}`]);
  assert.equal(services[0]?.missing, sentence);
  assert.deepEqual(await asked(), []);
});

test("GIVEN libraries beside the models WHEN a service is prepared THEN none are installed", async (context) => {
  const { asked, folder, has, prepare } = await withModels(context);
  await has("translator");
  await mkdir(join(folder, "node_modules"));

  const { services } = await prepare();

  assert.deepEqual(services[0]?.task.containers[0]?.environment, { MODELS_PATH: folder });
  assert.deepEqual(await asked(), []);
});

test("GIVEN another model than the declared one WHEN a service is prepared THEN it runs that, and a line says so", async (context) => {
  const { folder, has, prepare } = await withModels(context);
  await has("translator", "acme/tiny");
  await mkdir(join(folder, "node_modules"));

  const { services, told } = await prepare();

  assert.equal(services[0]?.missing, undefined);
  assert.deepEqual(
    told.filter((line) => line.startsWith("words")),
    [`words: runs the model \`acme/tiny@${COMMIT}\` of \`${folder}\`, not \`${DECLARED}\``],
  );
});

test("GIVEN a container that says itself where its models are WHEN it is prepared THEN they are looked for there", async (context) => {
  const { has, prepare } = await withModels(context);
  await has("translator");

  const { services } = await prepare({ MODELS_PATH: "/mnt/models" });

  assert.match(services[0]?.missing ?? "", /is not in `\/mnt\/models`/u);
});
