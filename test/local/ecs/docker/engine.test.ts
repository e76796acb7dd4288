import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { newRemains, openDocker, type DockerEngine } from "../../../../local/ecs/docker/engine.ts";
import type { Reaper } from "../../../../local/ecs/reaper.ts";
import type { ContainerSettings, ImageBuild } from "../../../../local/graph/container-settings.ts";
import { LocalError } from "../../../../local/graph/graph.ts";
import type { Container } from "../../../../local/graph/task-definition.ts";
import { container } from "../../containers.ts";
import { revision } from "../fake-service.ts";
import { standIn } from "./stand-in.ts";

const REAPER: Reaper = {
  watch: () => undefined,
  forget: () => undefined,
  close: () => undefined,
};

function opened(context: TestContext, platform: NodeJS.Platform = "linux"): Promise<DockerEngine> {
  const remains = newRemains();
  context.after(() => rm(remains.folder, { recursive: true }));
  return openDocker(remains, REAPER, platform);
}

function ofImage(image: string, build?: Partial<ImageBuild>): Container {
  const settings: ContainerSettings = {
    build: build && {
      context: "/app",
      dockerfile: undefined,
      target: undefined,
      args: {},
      platform: undefined,
      ...build,
    },
    entryPoint: [],
    user: undefined,
    workingDirectory: undefined,
    readonlyRootFilesystem: false,
    linuxParameters: undefined,
    mountPoints: [],
    memoryMib: 0,
    memoryReservationMib: undefined,
    vcpus: 0,
    cpuShares: 0,
  };
  return container("server", { image, settings });
}

async function prepared(
  engine: DockerEngine,
  ...containers: readonly Container[]
): Promise<{ readonly images: string[]; readonly told: string[] }> {
  const told: string[] = [];
  const services = await engine.prepare(
    containers.map((only) => revision({}, [only])),
    (service, text) => {
      told.push(`${service}: ${text}`);
    },
    undefined,
  );
  return {
    images: services.flatMap(({ task }) => task.containers.map(({ image }) => image)),
    told,
  };
}

function rejectedWith(promise: Promise<unknown>, message: string): Promise<void> {
  return assert.rejects(promise, new LocalError(message));
}

describe("GIVEN a wish for containers", () => {
  test("WHEN the machine does not run Linux THEN a sentence says so", async (context) => {
    await rejectedWith(
      opened(context, "darwin"),
      "`--containers` is given, but this machine runs `darwin`: containers share the machine's network here, which they can on Linux alone. Without `--containers` replicas run as processes.",
    );
  });

  test("WHEN there is no client THEN a sentence says so", async (context) => {
    const { folder } = await standIn(context);
    // A PATH with a shell, and nothing else of the system.
    await mkdir(join(folder, "bin"));
    spawnSync("ln", ["-s", "/bin/sh", join(folder, "bin", "sh")]);
    process.env["PATH"] = join(folder, "bin");
    await rejectedWith(
      opened(context),
      "`--containers` is given, but there is no `docker` on the PATH. Install Docker Engine. Without `--containers` replicas run as processes.",
    );
  });

  test("WHEN no engine answers THEN the client's own words say so", async (context) => {
    const { folder } = await standIn(context);
    await rm(join(folder, "info"));
    await rejectedWith(
      opened(context),
      "`--containers` is given, but no Docker engine answers: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running? Without `--containers` replicas run as processes.",
    );
  });

  for (const [kind, system, security] of [
    ["Docker Desktop", "Docker Desktop", null],
    ["rootless", "Linux", ["name=seccomp,profile=default", "name=rootless"]],
  ] as const) {
    test(`WHEN the engine is ${kind} THEN it is refused for its network`, async (context) => {
      const { folder } = await standIn(context);
      await writeFile(join(folder, "info"), JSON.stringify({ system, security, processors: 2 }));
      await assert.rejects(opened(context), (error) => {
        assert.ok(error instanceof LocalError);
        assert.ok(error.message.includes(`but the Docker engine is ${kind}: its containers`));
        return true;
      });
    });
  }
});

describe("GIVEN a Docker engine", () => {
  test("WHEN two services run the same build THEN it is built once, and named by its id", async (context) => {
    const { asked } = await standIn(context);
    const built = {
      dockerfile: "/app/Dockerfile",
      target: "server",
      args: { VERSION: "1" },
      platform: "linux/amd64",
    };

    const { images, told } = await prepared(
      await opened(context),
      ofImage("repository@sha256:one", built),
      ofImage("repository@sha256:one", built),
    );

    assert.deepEqual(images, ["sha256:built", "sha256:built"]);
    assert.deepEqual(told, ["service: builds the image of `server` from `/app`"]);
    const [, build, ...others] = await asked();
    const words = build?.words ?? [];
    assert.deepEqual(others, []);
    assert.match(words[2] ?? "", /^mcp-local:[\da-f]{12}$/u);
    assert.equal(basename(words[4] ?? ""), "server.iid");
    assert.deepEqual(words.toSpliced(4, 1).toSpliced(2, 1), [
      "build",
      "--tag",
      "--iidfile",
      ...["--file", "/app/Dockerfile"],
      ...["--target", "server"],
      ...["--platform", "linux/amd64"],
      ...["--build-arg", "VERSION=1"],
      "/app",
    ]);
  });

  test("WHEN a build fails THEN its last lines say why", async (context) => {
    await standIn(context);
    await rejectedWith(
      prepared(await opened(context), ofImage("x", { context: "/broken" })),
      "The image of `server` could not be built from `/broken`: `docker build` ended with exit code 1. Its last lines:\nStep 1/2 : FROM scratch\nCOPY failed: no such file",
    );
  });

  test("WHEN an image is given THEN it is pulled where it is not there", async (context) => {
    const { asked } = await standIn(context);
    const { images, told } = await prepared(
      await opened(context),
      ofImage("there:1"),
      ofImage("given:1"),
    );
    assert.deepEqual(images, ["there:1", "given:1"]);
    assert.deepEqual(told, ["service: pulls the image `given:1` of `server`"]);
    assert.deepEqual((await asked()).slice(1), [
      { words: ["image", "inspect", "--format", "{{.Id}}", "there:1"] },
      { words: ["image", "inspect", "--format", "{{.Id}}", "given:1"] },
      { words: ["pull", "--quiet", "given:1"] },
    ]);
  });

  test("WHEN it cannot be pulled THEN the client's words say why", async (context) => {
    await standIn(context);
    await rejectedWith(
      prepared(await opened(context), ofImage("absent:1")),
      "The image `absent:1` of `server` could not be pulled: `docker pull` ended with exit code 1. Its last lines:\nError response from daemon: manifest unknown",
    );
  });

  test("WHEN its run is killed THEN the reaper removes its containers and its folder", async (context) => {
    const { folder, asked } = await standIn(context);
    const remains = await mkdtemp(join(tmpdir(), "mcp-local-"));
    await writeFile(join(folder, "x-server-1.json"), "[]");
    const module = join(import.meta.dirname, "../../../../local/ecs/reaper.ts");
    const script = `
      const { startReaper } = await import(${JSON.stringify(module)});
      startReaper({ label: "mcp-local.run=x", folder: ${JSON.stringify(remains)} });
      process.kill(process.pid, "SIGKILL");`;

    spawnSync(process.execPath, ["--input-type=module", "-e", script]);
    // The reaper outlives what it watches: its end is that of the folder.
    while (existsSync(remains)) await new Promise(setImmediate);

    assert.deepEqual(await asked(), [
      { words: ["ps", "--all", "--quiet", "--filter", "label=mcp-local.run=x"] },
      { words: ["rm", "--force", "--volumes", "x-server-1"] },
    ]);
  });

  test("WHEN a run begins THEN nobody else can read its folder", async (context) => {
    const { folder, label } = newRemains();
    context.after(() => rm(folder, { recursive: true }));
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
    assert.equal(label, `mcp-local.run=${basename(folder)}`);
  });
});
