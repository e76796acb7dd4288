import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createWords } from "../../../../local/ecs/docker/create-words.ts";
import { containerVariables } from "../../../../local/ecs/docker/environment-file.ts";
import type { ContainerSettings } from "../../../../local/graph/container-settings.ts";
import { container } from "../../containers.ts";

const OPTIONS = {
  name: "x-server-1",
  label: "mcp-local.run=x",
  environmentFile: "/run/x.env",
  passed: [],
  processors: 2,
};

const SETTINGS: ContainerSettings = {
  build: undefined,
  entryPoint: ["/tini", "--"],
  user: "1000:1000",
  workingDirectory: "/app",
  readonlyRootFilesystem: true,
  linuxParameters: {
    capabilities: { add: ["NET_BIND_SERVICE"], drop: ["ALL"] },
    initProcessEnabled: true,
    tmpfs: [{ containerPath: "/tmp", size: 64, mountOptions: ["noexec"] }],
  },
  mountPoints: [{ sourceVolume: "cache", containerPath: "/cache" }],
  memoryMib: 512,
  memoryReservationMib: 256,
  vcpus: 0.25,
  cpuShares: 240,
};

/** What follows the words that all have. */
function own(settings: ContainerSettings): string[] {
  const words = createWords(
    container("server", { image: "image", command: ["serve"], settings }),
    OPTIONS,
  );
  return words.slice(words.indexOf(OPTIONS.environmentFile) + 1);
}

describe("GIVEN the definition of a container", () => {
  test("WHEN it declares everything THEN the engine is told everything", () => {
    assert.deepEqual(own(SETTINGS), [
      ...["--user", "1000:1000"],
      ...["--workdir", "/app"],
      "--read-only",
      "--init",
      ...["--cap-drop", "ALL"],
      ...["--cap-add", "NET_BIND_SERVICE"],
      ...["--tmpfs", "/tmp:size=64m,noexec"],
      ...["--volume", "/cache"],
      ...["--memory", "512m", "--memory-swap", "512m"],
      ...["--memory-reservation", "256m"],
      ...["--cpus", "0.25"],
      ...["--cpu-shares", "240"],
      ...["--entrypoint", "/tini"],
      "image",
      "--",
      "serve",
    ]);
  });

  test("WHEN it declares nothing THEN the image decides", () => {
    const nothing = {
      ...SETTINGS,
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
    assert.deepEqual(own(nothing), ["image", "serve"]);
  });

  test("WHEN its task has more processors than the engine THEN it gets all of these", () => {
    const words = own({ ...SETTINGS, vcpus: 16 });
    assert.equal(words[words.indexOf("--cpus") + 1], "2");
  });
});

describe("GIVEN the variables of a container", () => {
  test("WHEN a line of a file cannot hold a value THEN it is passed by its name", () => {
    const long = "x".repeat(60_000);
    assert.deepEqual(
      containerVariables({
        EMPTY: "",
        SPACES: " a = b ",
        LINES: "a\nb",
        RETURN: "a\r",
        LONG: long,
      }),
      {
        file: "EMPTY=\nSPACES= a = b \n",
        passed: { LINES: "a\nb", RETURN: "a\r", LONG: long },
      },
    );
  });
});
