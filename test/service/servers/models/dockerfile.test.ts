/** What the image installs for model servers, as its files say; the tests install the same libraries. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

const SERVICE = join(import.meta.dirname, ..."../../../../service".split("/"));
const LIBRARIES = join(SERVICE, "servers", "models", "libraries");

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly version?: string; readonly integrity?: string }>
  >;
}

const lock = JSON.parse(await readFile(join(LIBRARIES, "package-lock.json"), "utf8")) as Lock;
const requirements = (await readFile(join(LIBRARIES, "cuda-requirements.txt"), "utf8"))
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"));
const dockerfile = await readFile(join(SERVICE, "Dockerfile"), "utf8");

/** The lines of a stage. */
function stage(name: string): string {
  const [, rest = ""] = dockerfile.split(new RegExp(`^FROM \\S+ AS ${name}$`, "mu"));
  return rest.split(/^FROM /mu)[0] ?? "";
}

test("GIVEN the models' libraries THEN each has its digest in the lock, and ONNX Runtime for browsers is none of them", () => {
  for (const [path, { integrity }] of Object.entries(lock.packages))
    if (path !== "") assert.match(String(integrity), /^sha512-/u, path);
  assert.equal(lock.packages["node_modules/onnxruntime-web"]?.version, "1.30.0");
  assert.equal(lock.packages["node_modules/onnxruntime-common"]?.version, "1.30.0");
});

test("GIVEN the CUDA libraries THEN each is pinned with its digest, and the provider has the version of ONNX Runtime itself", () => {
  for (const line of requirements)
    assert.match(line, /^[\w-]+==[\d.]+ --hash=sha256:[\da-f]{64}$/u);
  const runtime = lock.packages["node_modules/onnxruntime-node"]?.version;
  assert.ok(requirements.some((line) => line.startsWith(`onnxruntime-gpu==${runtime ?? ""} `)));
});

test("GIVEN images of model servers THEN both have the models, the libraries and the same bundle, and run as the server's image does", () => {
  for (const name of ["models", "models-cuda"]) {
    const lines = stage(name);
    for (const line of [
      "COPY --from=model-libraries /opt/models/ /opt/models/",
      `COPY --from=models-for-${name === "models" ? "cpu" : "cuda"} /opt/models/ /opt/models/`,
      "COPY --from=bundle /bundle/ /",
      "USER 1000:1000",
      "EXPOSE 8080",
      "STOPSIGNAL SIGTERM",
      'CMD ["node", "dist/main.mjs"]',
    ])
      assert.ok(lines.split("\n").includes(line), `${name}: ${line}`);
    assert.match(lines, /MODELS_PATH=\/opt\/models /u);
    assert.doesNotMatch(lines, /^RUN /mu);
  }
});

test("GIVEN the stages that install THEN no script of a package runs, and pip takes nothing without its digest", () => {
  assert.match(
    stage("model-libraries"),
    /npm ci --prefix \/opt\/models --omit=dev --ignore-scripts /u,
  );
  assert.match(stage("cuda-libraries"), /--no-deps --require-hashes/u);
  assert.match(stage("cuda-libraries"), /--only-binary :all:/u);
});

test("GIVEN a CUDA image THEN it does not take every GPU of its host of itself", () => {
  assert.doesNotMatch(stage("models-cuda"), /^(?:ENV|\s).*NVIDIA_VISIBLE_DEVICES/mu);
});

test("GIVEN the build context THEN it holds what the stages copy", async () => {
  const ignore = (await readFile(join(SERVICE, ".dockerignore"), "utf8")).split("\n");
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(?<paths>.+) \S+$/gmu)].flatMap(
    ({ groups }) => groups?.["paths"]?.split(" ") ?? [],
  );
  for (const path of copied)
    if (!path.startsWith("dist/")) assert.ok(ignore.includes(`!${path}`), path);
  assert.ok(copied.includes("servers/models/libraries/package-lock.json"));
});
