import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { machineClock } from "../../../../local/clock.ts";
import { ContainerProcess } from "../../../../local/ecs/container-process.ts";
import { healthProbe } from "../../../../local/ecs/health-command.ts";
import { preparePackages } from "../../../../local/ecs/packages/prepare.ts";
import { container } from "../../containers.ts";
import { revision } from "../fake-service.ts";
import { machine, REAPER } from "./machine.ts";

test("GIVEN services of which some have packages WHEN they are prepared THEN what they share is installed once, and the others stay as they are", async (context) => {
  const { asked, cache } = await machine(context, { npm: "" });
  const packages = { npm: ["a@1.0.0"], pypi: [] };
  const told: string[] = [];
  const plain = revision({ name: "plain" });

  const prepared = await preparePackages(
    [
      revision({ name: "one" }, [container("server", { packages }), container("sidecar")]),
      revision({ name: "two" }, [container("server", { packages })]),
      plain,
    ],
    {
      reaper: REAPER,
      signal: undefined,
      cache,
      tell: (service, text) => {
        told.push(`${service}: ${text}`);
      },
    },
  );

  const folders = prepared.map(({ task }) =>
    task.containers.map(({ programFolders }) => programFolders?.length),
  );
  assert.deepEqual(folders, [[1, undefined], [1], [undefined]]);
  assert.deepEqual(prepared[2], plain);
  assert.equal((await asked()).length, 1);
  assert.deepEqual(told, ["one: installs `a@1.0.0` for `server`"]);
});

test("GIVEN a container with folders of programs WHEN it runs THEN its command is found there before any other of that name", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "mcp-programs-"));
  context.after(() => rm(folder, { recursive: true }));
  const bin = join(folder, "bin");
  await mkdir(bin);
  await writeFile(join(bin, "ls"), "#!/bin/sh\necho 'not the usual one'\n");
  await chmod(join(bin, "ls"), 0o755);
  const lines: string[] = [];

  await new Promise<void>((ended) => {
    new ContainerProcess(
      container("server", { command: ["ls"], folder, programFolders: [bin] }),
      {},
      {
        clock: machineClock,
        reaper: REAPER,
        address: { host: "127.0.0.1", port: (port) => port, release: () => undefined },
      },
      {
        line: (text) => {
          lines.push(text);
        },
        ended: () => {
          ended();
        },
      },
    );
  });

  assert.deepEqual(lines, ["not the usual one"]);
});

test("GIVEN a container with folders of programs WHEN its health is asked THEN the command of the check is found there, too", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "mcp-programs-"));
  context.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "ls"), "#!/bin/sh\necho 'not the usual one'\nexit 3\n");
  await chmod(join(folder, "ls"), 0o755);

  const { result } = healthProbe(
    container("server", { folder, programFolders: [folder] }),
    ["CMD", "ls"],
    {},
    {
      reaper: REAPER,
      address: { host: "127.0.0.1", port: (port) => port, release: () => undefined },
    },
  );

  assert.deepEqual(await result, { passed: false, reason: "exit code 3: not the usual one" });
});
