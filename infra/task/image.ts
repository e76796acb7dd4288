import { existsSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import * as awsx from "@pulumi/awsx";
import * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../tags.ts";
import { isModelServer, modelBuild, modelEnvironment, type ServedModel } from "./models.ts";
import {
  DEFAULT_PROCESSES,
  PROCESS_MEMORY,
  stdioBuild,
  stdioEnvironment,
  type StdioServer,
} from "./stdio.ts";
import { CpuArchitecture } from "./task.ts";
import { ArgumentError, check } from "../validation.ts";

/** The servers that the bundled container holds. */
export const McpServer = {
  /** Forecasts and alerts of the US National Weather Service. */
  Weather: "weather",
  /** Any server that speaks MCP on its standard input and output: `stdio` says which. */
  Stdio: "stdio",
  /** Many servers behind one address; an `McpGateway` declares it. */
  Gateway: "gateway",
  /** Translates texts with a model of its own: on a GPU with `gpu`, else on the processor. `model` may name another model. */
  Translator: "translator",
  /** Says what an image shows, with a model of its own: on a GPU with `gpu`, else on the processor. `model` may name another model. */
  Classifier: "classifier",
} as const;
export type McpServer = (typeof McpServer)[keyof typeof McpServer];

/** How to build a container image. */
export interface ImageBuild {
  /** The folder to build from, relative to the program. Keep it relative: the path is part of what decides on a rebuild. */
  context: string;
  /**
   * The Dockerfile, relative to the program.
   * Default: `Dockerfile` in `context`.
   */
  dockerfile?: string;
  /**
   * The stage of the Dockerfile to build.
   * Default: the last one.
   */
  target?: string;
  /** Build arguments. They are stored in plain text with the image: no secrets. */
  args?: Record<string, pulumi.Input<string>>;
}

/** Where the bundled container's sources are. */
const BUNDLED_CONTEXT = join(import.meta.dirname, "..", "..", "service");

/** The entry of what the bundled container's image is made of; `npm run build` writes it, and its parts beside it. */
const BUNDLE = join(BUNDLED_CONTEXT, "dist", "main.mjs");

/** What decides which image a service runs. */
export interface ImageSource {
  readonly server?: McpServer | undefined;
  readonly stdio?: StdioServer | undefined;
  readonly model?: ServedModel | undefined;
  /** Only whether there is one counts. */
  readonly gpu?: pulumi.Input<number> | undefined;
  readonly build?: ImageBuild | undefined;
  readonly image?: pulumi.Input<string> | undefined;
}

/** What a bundled server needs beside its image. */
export interface BundledServer {
  /** @param memory what sidecars leave of the task's, in MiB. */
  readonly command: (memory: number) => pulumi.Output<string[]>;
  /** What the service's own variables may replace. */
  readonly environment: Record<string, string>;
  /** What nothing may replace. */
  readonly settings: pulumi.Input<Record<string, string>>;
}

/**
 * How much of a task's memory the JavaScript heap may take. V8 takes its limits from the machine, which a task sees only in part: without
 * them a busy replica grows past 500 MiB and is killed in the smallest task (bench/memory.ts; 155 MiB with them). The rest is for Node itself and buffers.
 */
const HEAP_SHARE = 0.6;

/** The same of a server whose memory is its model's, which is not on that heap: tokenizers are. */
const MODEL_HEAP_SHARE = 0.25;

/**
 * Node on the bundle. Young objects get 8 MiB: with V8's own size, garbage of one call more than doubles the memory that is held. Between two full
 * collections the heap may grow to 2.5 times of what is in use: V8 lets a small heap grow so little that a busy gateway spends a third of its processor
 * time on them (`npm run bench:gateway`).
 */
function bundledCommand(server: McpServer, memory: number, heapShare = HEAP_SHARE): string[] {
  return [
    "node",
    "--max-semi-space-size=8",
    `--max-old-space-size=${Math.floor(memory * heapShare)}`,
    "--heap-growing-percent=150",
    "dist/main.mjs",
    server,
  ];
}

const WEATHER: BundledServer = {
  command: (memory) => pulumi.output(bundledCommand(McpServer.Weather, memory)),
  environment: { WEATHER_API_URL: "https://api.weather.gov" },
  settings: {},
};

const GATEWAY: BundledServer = {
  command: (memory) => pulumi.output(bundledCommand(McpServer.Gateway, memory)),
  environment: {},
  settings: {},
};

/** The wrapper with what it wraps; its processes take their part of the memory first. */
function wrapped(stdio: StdioServer): BundledServer {
  return {
    command: (memory) =>
      pulumi
        .all([stdio.command, stdio.processes ?? DEFAULT_PROCESSES])
        .apply(([command, processes]) => {
          const own = memory - processes * PROCESS_MEMORY;
          return [...bundledCommand(McpServer.Stdio, own), "--", ...command];
        }),
    environment: {},
    settings: stdioEnvironment(stdio),
  };
}

/** A server that runs a model; the model itself is not on its heap. */
function modelServer(
  server: McpServer,
  { model = {}, gpu }: ImageSource,
  cpu: pulumi.Input<number>,
): BundledServer {
  return {
    command: (memory) => pulumi.output(bundledCommand(server, memory, MODEL_HEAP_SHARE)),
    environment: {},
    settings: modelEnvironment(model, gpu !== undefined, cpu),
  };
}

/**
 * Command and environment of a bundled server; undefined where the service runs an image of its own.
 *
 * @param cpu of a replica, in vCPU.
 */
export function bundledServer(
  source: ImageSource,
  cpu: pulumi.Input<number>,
): BundledServer | undefined {
  const { server, stdio } = source;
  if (server === undefined) return undefined;
  if (isModelServer(server)) return modelServer(server, source, cpu);
  if (server === McpServer.Gateway) return GATEWAY;
  return stdio === undefined ? WEATHER : wrapped(stdio);
}

/** Refuses a service with no image, or with two, and images that could not be made. */
export function checkImageSource(component: string, source: ImageSource): void {
  const given = (["server", "build", "image"] as const).filter(
    (argument) => source[argument] !== undefined,
  );
  if (given.length !== 1) {
    throw new ArgumentError(
      component,
      `${given.length === 0 ? "none" : given.map((argument) => `\`${argument}\``).join(" and ")} of \`server\`, \`build\` and \`image\` given;` +
        " give exactly one: `server` for a bundled server, `build` for a Dockerfile of yours, `image` for an image that exists.",
    );
  }
  check(source.image, (image) => {
    if (image !== "") return;
    throw new ArgumentError(
      component,
      "`image` is empty; give the address of an image, best with its digest: `repository@sha256:…`.",
    );
  });
  if (source.build !== undefined && isAbsolute(source.build.context)) {
    throw new ArgumentError(
      component,
      `\`build.context\` is \`${source.build.context}\`; give a path relative to the program: an absolute one is another on every machine, and would` +
        " rebuild the image on each.",
    );
  }
  if (source.server !== undefined && !existsSync(BUNDLE)) {
    throw new ArgumentError(
      component,
      "`server` names a server of the bundled container, which has not been built. Run `npm run build` in the package's folder.",
    );
  }
}

const PLATFORM = {
  [CpuArchitecture.X86_64]: "linux/amd64",
  [CpuArchitecture.Arm64]: "linux/arm64",
};

/** An image and the ECR repository it lives in; empty where it lives elsewhere. */
export interface Image {
  readonly uri: pulumi.Output<string>;
  readonly repositoryArn: pulumi.Output<string>;
}

/** Which stage of the bundled Dockerfile a server is in, and what that stage is told. */
function bundledBuild({
  server,
  stdio,
  model = {},
  gpu,
}: ImageSource): Omit<ImageBuild, "context"> {
  if (isModelServer(server)) return modelBuild(server, model, gpu !== undefined);
  return stdio === undefined ? { target: "server" } : stdioBuild(stdio);
}

/** Builds and pushes an image; its address carries the digest, so that only a changed image changes the task definition. */
export function buildImage(
  name: string,
  source: ImageSource,
  architecture: CpuArchitecture,
  tags: Tags,
  opts: pulumi.CustomResourceOptions,
): Image {
  const build: ImageBuild = source.build ?? {
    // Relative, or two machines would compute two names for the same image.
    context: relative(process.cwd(), BUNDLED_CONTEXT) || ".",
    ...bundledBuild(source),
  };
  const repository = new awsx.ecr.Repository(
    name,
    {
      forceDelete: true,
      imageScanningConfiguration: { scanOnPush: true },
      // awsx would delete untagged images after a day, and with them every earlier version that a rollback needs.
      lifecyclePolicy: {
        rules: [
          {
            description: "The last 30 images",
            tagStatus: awsx.ecr.LifecycleTagStatus.Any,
            maximumNumberOfImages: 30,
          },
        ],
      },
      tags,
    },
    opts,
  );
  const image = new awsx.ecr.Image(
    name,
    {
      repositoryUrl: repository.url,
      context: build.context,
      dockerfile: build.dockerfile ?? join(build.context, "Dockerfile"),
      platform: PLATFORM[architecture],
      ...(build.target === undefined ? {} : { target: build.target }),
      ...(build.args === undefined ? {} : { args: build.args }),
    },
    opts,
  );
  return { uri: image.imageUri, repositoryArn: repository.repository.arn };
}

/** An image that exists. */
export function givenImage(image: pulumi.Input<string>, partition: pulumi.Input<string>): Image {
  return {
    uri: pulumi.output(image),
    repositoryArn: pulumi
      .all([image, partition])
      .apply(([uri, known]) => repositoryArn(uri, known)),
  };
}

/** An image in ECR, at the ordinary, the FIPS or the dual-stack address of its registry (ECR guide, "Private registry"). */
const ECR =
  /^(?<account>\d{12})\.(?:dkr\.ecr(?:-fips)?\.(?<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?|dkr-ecr(?:-fips)?\.(?<dual>[a-z0-9-]+)\.on\.(?:aws|amazonwebservices\.com\.cn))\/(?<name>[^:@]+)/u;

/** The ARN of an image's ECR repository; empty for an image of any other registry, which needs no permission. */
export function repositoryArn(uri: string, partition: string): string {
  const match = ECR.exec(uri);
  const { account, name, region = match?.groups?.["dual"] } = match?.groups ?? {};
  return account === undefined || region === undefined || name === undefined
    ? ""
    : `arn:${partition}:ecr:${region}:${account}:repository/${name}`;
}

/** What else one may do about an image that tasks do not reach, by the argument that names it. */
const INSTEAD: Readonly<Record<string, string>> = {
  image: " or give `build`,",
  collectorImage: " or set `traceSamplePercent` to 0,",
};

/**
 * Refuses an image that a task could not fetch.
 *
 * @param reach.region that of the tasks: the platform's endpoints of ECR and S3 lead to no other.
 */
export function checkImageReachable(
  component: string,
  image: string,
  repositoryArn: string,
  reach: { readonly hasInternetAccess: boolean; readonly region: string },
  argument = "image",
): void {
  if (reach.hasInternetAccess) return;
  const [, , , imageRegion] = repositoryArn.split(":");
  if (imageRegion === reach.region) return;
  throw new ArgumentError(
    component,
    `\`${argument}\` is \`${image}\`, but the platform's \`natGateways\` is \`none\`: its tasks reach no registry but ECR` +
      `${imageRegion === undefined ? "" : ` of their own region, ${reach.region}`}. Copy the image there,${INSTEAD[argument] ?? ""} or give the platform NAT` +
      " gateways.",
  );
}
