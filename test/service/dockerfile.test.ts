/** There is no Docker here: the file is read instead, and what it installs is installed by the local target's tests. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

const DOCKERFILE = join(import.meta.dirname, "..", "..", "service", "Dockerfile");

interface Stage {
  readonly base: string;
  readonly instructions: readonly string[];
}

/** The stages by name, continuation lines joined; what stands before the first has the name "". */
async function readStages(): Promise<ReadonlyMap<string, Stage>> {
  const lines = (await readFile(DOCKERFILE, "utf8"))
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .join("\n")
    .replaceAll(/\\\n\s*/gu, "")
    .split("\n")
    .filter((line) => line !== "");
  const stages = new Map<string, { base: string; instructions: string[] }>();
  let current = { base: "", instructions: [] as string[] };
  stages.set("", current);
  for (const line of lines) {
    const [, base, name] = /^FROM (\S+) AS (\S+)$/u.exec(line) ?? [];
    if (base === undefined || name === undefined) current.instructions.push(line);
    else {
      current = { base, instructions: [] };
      stages.set(name, current);
    }
  }
  return stages;
}

const stages = await readStages();

function stage(name: string): Stage {
  const found = stages.get(name);
  assert.ok(found, name);
  return found;
}

/** Values of one instruction; of `ENV` and `CMD` the last one counts. */
function values(name: string, instruction: string): string[] {
  return stage(name)
    .instructions.filter((line) => line.startsWith(`${instruction} `))
    .map((line) => line.slice(instruction.length + 1).replaceAll(/\s+/gu, " "));
}

test("GIVEN the Dockerfile THEN each stage uses base images and stages that exist before it", () => {
  const before = new Set(["scratch", "${NODE_IMAGE}", "${PYTHON_IMAGE}"]);
  for (const [name, { base, instructions }] of stages) {
    if (name === "") continue;
    assert.ok(before.has(base), `${name}: ${base}`);
    for (const line of instructions) {
      const [, from] = /^COPY --from=(\S+)/u.exec(line) ?? [];
      if (from !== undefined) assert.ok(before.has(from), `${name}: ${line}`);
    }
    before.add(name);
  }
  assert.deepEqual(
    [...stages.keys()].slice(1),
    [
      ...["rootfs", "bundle", "server", "npm-packages", "pypi-packages", "stdio-npm", "stdio-pypi"],
      ...["model-libraries", "models-for-cpu", "models"],
      ...["cuda-libraries", "models-for-cuda", "models-cuda"],
    ],
    "what a builder without BuildKit makes for `server` must stay as little as it is",
  );
});

test("GIVEN the server's image THEN it is made from scratch, of the bundle and of what Node needs", () => {
  const { base, instructions } = stage("server");

  assert.equal(base, "scratch");
  assert.deepEqual(
    instructions.filter((line) => /^(?:COPY|RUN|ARG) /u.test(line)),
    ["COPY --from=rootfs /rootfs/ /", "COPY --from=bundle /bundle/ /"],
  );
});

test("GIVEN images of stdio servers THEN they run the same bundle, as the same user, on the same port, as the server's image", () => {
  for (const name of ["stdio-npm", "stdio-pypi"]) {
    for (const instruction of ["USER", "EXPOSE", "STOPSIGNAL", "WORKDIR"]) {
      assert.deepEqual(values(name, instruction), values("server", instruction), name);
    }
    assert.ok(values(name, "COPY").includes("--from=bundle /bundle/ /"), name);
    assert.deepEqual(values(name, "CMD"), ['["node", "dist/main.mjs", "stdio"]'], name);
    // What is written at run time goes to the task's tmpfs.
    assert.match(values(name, "ENV").join(" "), /(?:^| )HOME=\/tmp(?: |$)/u, name);
  }
});

test("GIVEN images of stdio servers THEN packages are installed in stages of their own, pinned, without scripts, and nothing at run time", () => {
  const [npm = ""] = values("npm-packages", "RUN");
  const [pypi = ""] = values("pypi-packages", "RUN");

  assert.match(
    npm,
    /npm install --prefix \/opt\/stdio\/npm .*--ignore-scripts .*-- \$STDIO_NPM_PACKAGES;/u,
  );
  assert.match(
    pypi,
    /\/opt\/stdio\/pypi\/bin\/python -m pip install --no-cache-dir --only-binary :all: .*-- \$STDIO_PYPI_PACKAGES;/u,
  );
  // Brackets of extras are no file names.
  for (const run of [npm, pypi]) assert.match(run, /^set -euf;/u);
  assert.deepEqual(values("stdio-npm", "RUN"), []);
  assert.deepEqual(values("stdio-pypi", "RUN"), ["node --version"]);
});

test("GIVEN images of stdio servers THEN the programs of their packages come first on the PATH, then Node", () => {
  const npm = "/opt/stdio/npm/node_modules/.bin";
  const pypi = "/opt/stdio/pypi/bin";
  const rest = "/usr/local/bin:/usr/bin:/bin";

  assert.match(values("stdio-npm", "ENV").join(" "), new RegExp(`PATH=${npm}:${rest}$`, "u"));
  assert.match(
    values("stdio-pypi", "ENV").join(" "),
    new RegExp(`PATH=${pypi}:${npm}:${rest}$`, "u"),
  );
  const copies = ["stdio-npm", "stdio-pypi"].map((name) =>
    values(name, "COPY").filter((line) => line.startsWith("--from=") && line.includes("packages")),
  );
  const npmCopy = "--from=npm-packages /opt/stdio/npm/ /opt/stdio/npm/";
  assert.deepEqual(copies, [
    [npmCopy],
    [npmCopy, "--from=pypi-packages /opt/stdio/pypi/ /opt/stdio/pypi/"],
  ]);
});
