import { join, relative } from "node:path";
import * as awsx from "@pulumi/awsx";
import * as pulumi from "@pulumi/pulumi";
import type { Tags } from "./tags.ts";
import { CpuArchitecture } from "./task.ts";
import { ArgumentError } from "./validation.ts";

/** The servers that the bundled container holds. */
export const McpServer = {
  /** Forecasts and alerts of the US National Weather Service. */
  Weather: "weather",
} as const;
export type McpServer = ServerName | NoServer;
type ServerName = (typeof McpServer)[keyof typeof McpServer];
/**
 * Pulumi's analyser knows an enum by its being a union, which one name alone is not: this is the second member, to which nothing
 * can be assigned. A second server makes it superfluous.
 */
declare enum NoServer {
  None = "",
}

/** How to build a container image. */
export interface ImageBuildArgs {
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
const BUNDLED_CONTEXT = join(import.meta.dirname, "..", "service");

/** What decides which image a service runs. */
export interface ImageSource {
  readonly server?: McpServer | undefined;
  readonly build?: ImageBuildArgs | undefined;
  readonly image?: pulumi.Input<string> | undefined;
}

/** What a bundled server needs beside its image. */
export interface BundledServer {
  readonly command: string[];
  readonly environment: Record<string, string>;
}

const BUNDLED: Record<ServerName, BundledServer> = {
  [McpServer.Weather]: {
    command: ["node", "dist/main.mjs", "weather"],
    environment: { WEATHER_API_URL: "https://api.weather.gov" },
  },
};

/** Command and environment of a bundled server. */
export function bundledServer(server: McpServer): BundledServer {
  return BUNDLED[server as ServerName];
}

/** Refuses a service with no image, or with two. */
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

/** Builds and pushes an image; its address carries the digest, so that only a changed image changes the task definition. */
export function buildImage(
  name: string,
  source: ImageSource,
  architecture: CpuArchitecture,
  tags: Tags,
  opts: pulumi.CustomResourceOptions,
): Image {
  const build = source.build ?? {
    // Relative, or two machines would compute two names for the same image.
    context: relative(process.cwd(), BUNDLED_CONTEXT) || ".",
    target: "server",
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

/** The ARN of an image's ECR repository; empty for an image of any other registry, which needs no permission. */
export function repositoryArn(uri: string, partition: string): string {
  const match =
    /^(?<account>\d{12})\.dkr\.ecr\.(?<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/(?<name>[^:@]+)/u.exec(
      uri,
    );
  const { account, region, name } = match?.groups ?? {};
  return account === undefined || region === undefined || name === undefined
    ? ""
    : `arn:${partition}:ecr:${region}:${account}:repository/${name}`;
}
