/** Installers that stand in for npm and Python tell what they were asked; the real ones are in test/e2e/stdio.test.ts. */
import assert from "node:assert/strict";
import { readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { LocalError } from "../../../../local/graph/graph.ts";
import { machine } from "./machine.ts";

/** A python3 whose virtual environments have itself as their Python. */
const VENV = 'if [ "$2" = venv ]; then mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; fi';

test("GIVEN packages of npm WHEN they are installed THEN npm gets the image's own options, once for all runs", async (context) => {
  const { cache, asked, told, install } = await machine(context, { npm: "" });

  const first = await install({ npm: ["@acme/server@1.2.3", "other@2.0.0"] });
  const second = await install({ npm: ["@acme/server@1.2.3", "other@2.0.0"] });

  const [folder = ""] = first;
  assert.ok(folder.startsWith(cache) && folder.endsWith(join("npm", "node_modules", ".bin")));
  assert.deepEqual(second, first);
  const home = folder.slice(0, -join("", "node_modules", ".bin").length - 1);
  assert.deepEqual(await asked(), [
    `npm install --prefix ${home} --save-exact --omit=dev --ignore-scripts --no-audit --no-fund --no-update-notifier -- @acme/server@1.2.3 other@2.0.0`,
  ]);
  assert.deepEqual(told, ["installs `@acme/server@1.2.3`, `other@2.0.0` for `server`"]);
});

test("GIVEN packages of both registries WHEN they are installed THEN those of PyPI get a virtual environment, and come first", async (context) => {
  const { asked, install } = await machine(context, { npm: "", python3: VENV });

  const folders = await install({ npm: ["a@1.0.0"], pypi: ["b==2.0.0"] });

  assert.deepEqual(
    folders.map((folder) =>
      folder
        .split("/")
        .slice(-3)
        .join("/")
        .replace(/^[0-9a-f-]{36}\//u, ""),
    ),
    ["pypi/bin", "npm/node_modules/.bin".split("/").slice(-3).join("/")],
  );
  const words = await asked();
  assert.match(words[1] ?? "", /^python3 -m venv \S+\/pypi$/u);
  assert.match(
    words[2] ?? "",
    /-m pip install --only-binary :all: --disable-pip-version-check --no-input -- b==2\.0\.0$/u,
  );
});

test("GIVEN an installer that fails WHEN packages are installed THEN its last lines say why, and nothing half-made is kept", async (context) => {
  const { cache, install } = await machine(context, {
    npm: 'echo "npm error code ETARGET"; echo "npm error notarget No matching version" >&2; exit 1',
  });

  const refused = (error: unknown): boolean => {
    assert.ok(error instanceof LocalError);
    const [first, ...lines] = error.message.split("\n");
    assert.equal(
      first,
      "`npm` could not install `a@9.9.9` for `server`; it ended with exit code 1. Its last lines:",
    );
    assert.deepEqual(lines.sort(), [
      "npm error code ETARGET",
      "npm error notarget No matching version",
    ]);
    return true;
  };
  await assert.rejects(install({ npm: ["a@9.9.9"] }), refused);
  // Not remembered as done.
  await assert.rejects(install({ npm: ["a@9.9.9"] }), refused);
  for (const home of await readdir(cache)) assert.deepEqual(await readdir(join(cache, home)), []);
});

test("GIVEN a machine without Python WHEN packages of PyPI are to be installed THEN a sentence says what is missing", async (context) => {
  const { bin, install } = await machine(context, {});
  await symlink("/bin/sh", join(bin, "sh"));
  process.env["PATH"] = bin;

  await assert.rejects(install({ pypi: ["b==2.0.0"] }), {
    constructor: LocalError,
    message:
      "The image of `server` is made of packages, for which `python3` is needed, and this machine has none on its PATH. Install it.",
  });
});
