import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Cancel } from "../../clock.ts";
import type { Container } from "../../graph/task-definition.ts";
import { messageOf } from "../../message-of.ts";
import type { StartedContainer, StartSurroundings } from "../container-runtime.ts";
import type { ContainerEvents } from "../container-process.ts";
import { healthCommand, probeOf } from "../health-command.ts";
import type { Probe } from "../health-monitor.ts";
import { exitCodeOf } from "../process.ts";
import { docker, startDocker, type DockerAnswer } from "./client.ts";
import { createWords } from "./create-words.ts";
import { containerVariables, writeEnvironmentFile } from "./environment-file.ts";

/** What a container shares with the others of its run. */
export interface DockerRun {
  /** Where environment files are, for as long as the client reads them. */
  readonly folder: string;
  readonly label: string;
  readonly processors: number;
}

/** What the client says where the engine could not start a container. */
const REFUSED = "Error response from daemon:";

/** One container of a Docker engine, with a client attached to it. */
export class DockerContainer implements StartedContainer {
  readonly #container: Container;
  readonly #name: string;
  readonly #run: DockerRun;
  readonly #surroundings: StartSurroundings;
  readonly #events: ContainerEvents;
  #isCreated = false;
  #isUnwanted = false;
  #hasEnded = false;
  #cancelKill: Cancel | undefined;

  constructor(
    container: Container,
    environment: Readonly<Record<string, string>>,
    surroundings: StartSurroundings,
    events: ContainerEvents,
    of: { readonly run: DockerRun; readonly name: string },
  ) {
    this.#container = container;
    this.#name = of.name;
    this.#run = of.run;
    this.#surroundings = surroundings;
    this.#events = events;
    this.#create(environment)
      .then((created) => {
        this.#created(created);
      })
      .catch((error: unknown) => {
        this.#end(`the container \`${container.name}\` ${messageOf(error)}`, undefined);
      });
  }

  /** Its processes are the engine's, not this process's: nothing measures them. */
  get processId(): undefined {
    return undefined;
  }

  stop(): void {
    if (this.#cancelKill !== undefined || this.#hasEnded) return;
    if (!this.#isCreated) {
      this.#isUnwanted = true;
      return;
    }
    // Without an end: the stop timeout goes by the clock of the run.
    this.#command(["stop", "-t", "-1", this.#name]);
    this.#cancelKill = this.#surroundings.clock.after(
      this.#container.stopTimeoutSeconds * 1000,
      () => {
        this.kill();
      },
    );
  }

  kill(): void {
    if (this.#hasEnded) return;
    if (!this.#isCreated) {
      this.#isUnwanted = true;
      return;
    }
    // SIGKILL, as by `docker kill`, but also where it is about to start.
    this.#command(["rm", "--force", "--volumes", this.#name]);
  }

  check(declared: readonly string[]): Probe {
    const command = healthCommand(declared, this.#surroundings.address);
    return probeOf(startDocker(["exec", this.#name, ...command], this.#surroundings.reaper));
  }

  async #create(environment: Readonly<Record<string, string>>): Promise<DockerAnswer> {
    const { file, passed } = containerVariables(environment);
    const environmentFile = join(this.#run.folder, `${this.#name}.env`);
    await writeEnvironmentFile(environmentFile, file);
    try {
      const words = createWords(this.#container, {
        name: this.#name,
        label: this.#run.label,
        environmentFile,
        passed: Object.keys(passed),
        processors: this.#run.processors,
      });
      return await docker(words, this.#surroundings.reaper, { passed });
    } finally {
      await rm(environmentFile, { force: true });
    }
  }

  #created({ exitCode, lastLines }: DockerAnswer): void {
    const { name } = this.#container;
    if (exitCode !== 0) {
      this.#end(
        `the container \`${name}\` could not be created: ${lastLines.join(" ")}`,
        undefined,
      );
      return;
    }
    this.#isCreated = true;
    if (!this.#isUnwanted) {
      this.#attach();
      return;
    }
    this.kill();
    this.#end(`the container \`${name}\` was stopped before it had started`, undefined);
  }

  #attach(): void {
    const { name } = this.#container;
    const child = startDocker(["start", "--attach", this.#name], this.#surroundings.reaper);
    let lastError = "";
    createInterface({ input: child.stdout }).on("line", (text) => {
      this.#events.line(text);
    });
    createInterface({ input: child.stderr }).on("line", (text) => {
      lastError = text;
      this.#events.line(text);
    });
    child.on("error", (error) => {
      this.#end(`the container \`${name}\` could not be started: ${messageOf(error)}`, undefined);
    });
    // The client ends with the exit code of what it is attached to.
    child.on("close", (code, signal) => {
      const exitCode = exitCodeOf(code, signal);
      if (exitCode === 1 && lastError.startsWith(REFUSED)) {
        this.#end(`the container \`${name}\` could not be started: ${lastError}`, undefined);
      } else {
        this.#end(`the container \`${name}\` ended with exit code ${exitCode}`, exitCode);
      }
    });
  }

  /** It fails only where the container has ended by itself, which the attached client tells. */
  #command(words: readonly string[]): void {
    docker(words, this.#surroundings.reaper).catch(() => undefined);
  }

  #end(reason: string, exitCode: number | undefined): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#cancelKill?.();
    this.#events.ended(reason, exitCode);
  }
}
