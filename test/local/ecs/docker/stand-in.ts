import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/**
 * A client that keeps what it is asked in a file, and "starts" a container by running its command as a process. Its state is a folder: NAME.json as created,
 * NAME.pid while it runs.
 */
const CLIENT = `
const { spawn } = require("node:child_process");
const { appendFileSync, existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const folder = process.env.STAND_IN;
const words = process.argv.slice(2);
const after = (word) => words[words.indexOf(word) + 1];
const file = after("--env-file");
appendFileSync(join(folder, "asked"), JSON.stringify({
  words,
  ...(words.includes("--env-file") && {
    environmentFile: readFileSync(file, "utf8"),
    mode: (statSync(file).mode & 0o777).toString(8),
    passed: words.flatMap((word, index) => words[index - 1] === "--env" ? [process.env[word]] : []),
  }),
}) + "\\n");
const at = (name, kind) => join(folder, name + "." + kind);
const pid = (name) => existsSync(at(name, "pid")) ? Number(readFileSync(at(name, "pid"), "utf8")) : undefined;
const fail = (text, code) => { console.error(text); process.exit(code); };
switch (words[0]) {
  case "info":
    if (existsSync(join(folder, "info"))) console.log(readFileSync(join(folder, "info"), "utf8"));
    else fail("Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?", 1);
    break;
  case "image": process.exit(words.at(-1) === "there:1" ? 0 : 1);
  case "pull": if (words.at(-1) !== "given:1") fail("Error response from daemon: manifest unknown", 1); break;
  case "build":
    if (words.at(-1).endsWith("broken")) { console.log("Step 1/2 : FROM scratch"); fail("COPY failed: no such file", 1); }
    writeFileSync(after("--iidfile"), "sha256:built");
    break;
  case "create": {
    const image = words.indexOf("image");
    if (image < 0) fail("Error response from daemon: No such image", 1);
    writeFileSync(at(after("--name"), "json"), JSON.stringify(words.slice(image + 1)));
    break;
  }
  case "start": {
    const name = words.at(-1);
    const [program, ...rest] = JSON.parse(readFileSync(at(name, "json"), "utf8"));
    if (program === "nosuch") fail("Error response from daemon: exec: nosuch: executable file not found in $PATH", 1);
    const child = spawn(program, rest, { stdio: ["ignore", "inherit", "inherit"] });
    writeFileSync(at(name, "pid"), String(child.pid));
    child.on("close", (code, signal) => {
      rmSync(at(name, "pid"));
      rmSync(at(name, "json"), { force: true });
      process.exit(signal === "SIGKILL" ? 137 : signal === "SIGTERM" ? 143 : code);
    });
    break;
  }
  case "exec": console.log("checked"); process.exit(words.at(-1) === "bad" ? 3 : 0);
  case "stop": process.kill(pid(words.at(-1)), "SIGTERM"); break;
  case "rm":
    for (const name of words.slice(3)) {
      rmSync(at(name, "json"), { force: true });
      if (pid(name) !== undefined) process.kill(pid(name), "SIGKILL");
    }
    break;
  case "ps":
    for (const entry of readdirSync(folder)) if (entry.endsWith(".json")) console.log(entry.slice(0, -5));
}
`;

/** What a client was asked. */
export interface Asked {
  readonly words: readonly string[];
  readonly environmentFile?: string;
  readonly mode?: string;
  readonly passed?: readonly string[];
}

export interface StandIn {
  readonly folder: string;
  /** Each call of the client, in order. */
  readonly asked: () => Promise<Asked[]>;
}

/** Puts a stand-in of the Docker client first on the PATH. */
export async function standIn(
  context: TestContext,
  info = { system: "Linux", security: ["name=seccomp"], processors: 2 },
): Promise<StandIn> {
  const folder = await mkdtemp(join(tmpdir(), "docker-"));
  const { PATH } = process.env;
  context.after(async () => {
    process.env["PATH"] = PATH;
    delete process.env["STAND_IN"];
    await rm(folder, { recursive: true });
  });
  await writeFile(join(folder, "client.cjs"), CLIENT);
  const client = join(folder, "docker");
  await writeFile(
    client,
    `#!/bin/sh\nexec "${process.execPath}" "${join(folder, "client.cjs")}" "$@"\n`,
  );
  await chmod(client, 0o755);
  await writeFile(join(folder, "info"), JSON.stringify(info));
  process.env["PATH"] = `${folder}:${PATH ?? ""}`;
  process.env["STAND_IN"] = folder;
  return {
    folder,
    asked: async () =>
      (await readFile(join(folder, "asked"), "utf8"))
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Asked),
  };
}
