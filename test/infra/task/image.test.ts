import assert from "node:assert/strict";
import fs from "node:fs";
import { stat } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join, resolve } from "node:path";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import {
  buildImage,
  bundledServer,
  checkImageSource,
  givenImage,
  McpServer,
  repositoryArn,
  type ImageSource,
} from "../../../infra/task/image.ts";
import { CpuArchitecture } from "../../../infra/task/task.ts";
import { ACCOUNT, arn, assertRefused, deploy, REGION, rejectionsOf, valueOf } from "../mocks.ts";

const REPOSITORY = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/weather`;

function build(source: ImageSource, architecture: CpuArchitecture = CpuArchitecture.X86_64) {
  return deploy(() => buildImage("weather", source, architecture, { team: "blue" }, {}));
}

test("GIVEN a bundled server WHEN its image is declared THEN it is built from this package's container, by a relative path", async () => {
  const declaration = await build({ server: McpServer.Weather });
  const { context, dockerfile, ...more } = declaration.only("awsx:ecr:Image").inputs;

  assert.deepEqual(declaration.inventory(), [
    "awsx:ecr:Image weather",
    "awsx:ecr:Repository weather",
  ]);
  // Tests run in the repository's root.
  assert.deepEqual([context, dockerfile], ["service", join("service", "Dockerfile")]);
  assert.deepEqual(more, {
    repositoryUrl: REPOSITORY,
    platform: "linux/amd64",
    target: "server",
  });
  assert.ok((await stat(String(dockerfile))).isFile());
});

test("GIVEN any image WHEN its repository is declared THEN it scans, and keeps what rollbacks need", async () => {
  const declaration = await build({ server: McpServer.Weather });

  assert.deepEqual(declaration.only("awsx:ecr:Repository").inputs, {
    forceDelete: true,
    imageScanningConfiguration: { scanOnPush: true },
    lifecyclePolicy: {
      rules: [{ description: "The last 30 images", tagStatus: "any", maximumNumberOfImages: 30 }],
    },
    tags: { team: "blue" },
  });
});

test("GIVEN an image that is built WHEN it is declared THEN its address carries the digest, and its repository is known", async () => {
  const { result } = await build({ server: McpServer.Weather });

  assert.equal(await valueOf(result.uri), `${REPOSITORY}@sha256:${"0".repeat(64)}`);
  assert.equal(await valueOf(result.repositoryArn), arn("ecr", "repository/weather"));
});

test("GIVEN a Dockerfile of the user's WHEN its image is declared THEN it is built as told", async () => {
  const declaration = await build(
    {
      build: {
        context: "../mine",
        dockerfile: "../mine/docker/Dockerfile",
        target: "runtime",
        args: { VERSION: pulumi.output("7") },
      },
    },
    CpuArchitecture.Arm64,
  );

  assert.deepEqual(declaration.only("awsx:ecr:Image").inputs, {
    repositoryUrl: REPOSITORY,
    context: "../mine",
    dockerfile: "../mine/docker/Dockerfile",
    platform: "linux/arm64",
    target: "runtime",
    args: { VERSION: "7" },
  });
});

test("GIVEN a folder alone WHEN its image is declared THEN its own Dockerfile is built to the last stage", async () => {
  const declaration = await build({ build: { context: "mine" } });

  assert.deepEqual(declaration.only("awsx:ecr:Image").inputs, {
    repositoryUrl: REPOSITORY,
    context: "mine",
    dockerfile: join("mine", "Dockerfile"),
    platform: "linux/amd64",
  });
});

test("GIVEN an image that exists WHEN it is given THEN nothing is declared, and its repository is read from its address", async () => {
  const declaration = await deploy(() => givenImage(pulumi.output(`${REPOSITORY}:1`), "aws"));

  assert.deepEqual(declaration.inventory(), []);
  assert.equal(await valueOf(declaration.result.uri), `${REPOSITORY}:1`);
  assert.equal(await valueOf(declaration.result.repositoryArn), arn("ecr", "repository/weather"));
});

test("GIVEN addresses of ECR images WHEN their repositories are sought THEN their ARNs are found", () => {
  const own = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/weather";
  const expected = "arn:aws:ecr:eu-central-1:123456789012:repository/team/weather";
  for (const uri of [own, `${own}:1.2`, `${own}@sha256:ab`, `${own}:1.2@sha256:ab`]) {
    assert.equal(repositoryArn(uri, "aws"), expected, uri);
  }
  assert.equal(
    repositoryArn("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/weather", "aws-cn"),
    "arn:aws-cn:ecr:cn-north-1:123456789012:repository/weather",
  );
});

test("GIVEN addresses of other registries WHEN their repositories are sought THEN there is none", () => {
  for (const uri of [
    "",
    "nginx",
    "ghcr.io/acme/weather:1",
    "public.ecr.aws/acme/weather:1",
    "docker.io/acme/123456789012.dkr.ecr.us-east-1.amazonaws.com/weather",
    "123456789012.dkr.ecr.us-east-1.amazonaws.com.evil.example/weather",
    "12345.dkr.ecr.us-east-1.amazonaws.com/weather",
    "123456789012.dkr-ecr.us-east-1.on.aws.evil.example/weather",
    "123456789012.dkr-ecr.us-east-1.amazonaws.com/weather",
    "123456789012.dkr.ecr.us-east-1.on.aws/weather",
  ]) {
    assert.equal(repositoryArn(uri, "aws"), "", uri);
  }
});

test("GIVEN addresses of ECR's FIPS and dual-stack endpoints WHEN their repositories are sought THEN they are found", () => {
  for (const registry of [
    "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com",
    "123456789012.dkr-ecr.us-east-1.on.aws",
    "123456789012.dkr-ecr-fips.us-east-1.on.aws",
  ]) {
    for (const version of ["", ":1.2", "@sha256:ab"]) {
      assert.equal(
        repositoryArn(`${registry}/team/weather${version}`, "aws"),
        "arn:aws:ecr:us-east-1:123456789012:repository/team/weather",
      );
    }
  }
  assert.equal(
    repositoryArn("123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn/weather", "aws-cn"),
    "arn:aws-cn:ecr:cn-north-1:123456789012:repository/weather",
  );
});

test("GIVEN the bundled weather server THEN its whole command and what it needs are known", async () => {
  const bundled = bundledServer({ server: McpServer.Weather }, 0.25);
  assert.ok(bundled);
  assert.deepEqual(bundled.environment, { WEATHER_API_URL: "https://api.weather.gov" });
  assert.deepEqual(bundled.settings, {});
  for (const [memory, heap] of [
    [512, 307],
    [2048, 1228],
  ] as const) {
    assert.deepEqual(await valueOf(bundled.command(memory)), [
      "node",
      "--max-semi-space-size=8",
      `--max-old-space-size=${heap}`,
      "--heap-growing-percent=150",
      "dist/main.mjs",
      "weather",
    ]);
  }
});

test("GIVEN an image of one's own THEN nothing is known of its command", () => {
  assert.equal(bundledServer({}, 0.25), undefined);
});

test("GIVEN a stdio server THEN its command comes behind the wrapper's, whose heap leaves its processes their memory", async () => {
  const bundled = bundledServer(
    {
      server: McpServer.Stdio,
      stdio: {
        command: ["mcp-server-everything", pulumi.output("stdio")],
        npmPackages: [EVERYTHING],
        processes: pulumi.output(4),
      },
    },
    0.25,
  );
  assert.ok(bundled);

  assert.deepEqual(bundled.environment, {});
  assert.deepEqual(await valueOf(bundled.command(1024)), [
    "node",
    "--max-semi-space-size=8",
    `--max-old-space-size=${Math.floor((1024 - 4 * 96) * 0.6)}`,
    "--heap-growing-percent=150",
    "dist/main.mjs",
    "stdio",
    "--",
    "mcp-server-everything",
    "stdio",
  ]);
});

test("GIVEN a server with a model THEN the heap leaves the model its memory, and its environment says where it runs and on how many threads", async () => {
  for (const [gpu, device] of [
    [undefined, "cpu"],
    [0.5, "cuda"],
  ] as const) {
    const bundled = bundledServer({ server: McpServer.Translator, gpu }, 2.5);
    assert.ok(bundled);
    assert.deepEqual(await valueOf(bundled.command(4096)), [
      "node",
      "--max-semi-space-size=8",
      "--max-old-space-size=1024",
      "--heap-growing-percent=150",
      "dist/main.mjs",
      "translator",
    ]);
    assert.deepEqual(await valueOf(pulumi.output(bundled.settings)), {
      MODEL_BATCH_SIZE: "8",
      MODEL_DEVICE: device,
      MODEL_QUEUE_SIZE: "64",
      MODEL_THREADS: "2",
      MODEL_WORKERS: "1",
    });
  }
});

test("GIVEN a server with a model WHEN its image is declared THEN it holds this model alone, and CUDA where there is a GPU", async () => {
  const REVISION = "0123456789abcdef0123456789abcdef01234567";
  const translator = await build({ server: McpServer.Translator });
  const classifier = await build({
    server: McpServer.Classifier,
    gpu: pulumi.output(1),
    model: {
      repository: "acme/birds",
      revision: pulumi.output(REVISION),
      graphs: ["encoder", "head"],
      precision: "fp16",
    },
  });

  const built = [translator, classifier].map((declaration) => {
    const { context, target, args } = declaration.only("awsx:ecr:Image").inputs;
    return { context, target, args };
  });
  assert.deepEqual(built, [
    {
      context: "service",
      target: "models",
      args: {
        MODELS:
          "translator=Xenova/m2m100_418M@cce333fc730dab2125fbc054a18fa2565db31095#encoder_model,decoder_model_merged",
      },
    },
    {
      context: "service",
      target: "models-cuda",
      args: {
        MODELS: `classifier=acme/birds@${REVISION}#encoder,head`,
        MODELS_CUDA_PRECISION: "fp16",
      },
    },
  ]);
});

const EVERYTHING = "@modelcontextprotocol/server-everything@2026.8.31";
const TIME = "mcp-server-time==2026.10.19";

test("GIVEN packages of npm WHEN the image of a stdio server is declared THEN they alone are built into it, in one order", async () => {
  const declaration = await build({
    server: McpServer.Stdio,
    stdio: { command: ["x"], npmPackages: pulumi.output(["b@1.0.0", EVERYTHING, "b@1.0.0"]) },
  });

  assert.deepEqual(declaration.only("awsx:ecr:Image").inputs, {
    repositoryUrl: REPOSITORY,
    context: "service",
    dockerfile: join("service", "Dockerfile"),
    platform: "linux/amd64",
    target: "stdio-npm",
    args: { STDIO_NPM_PACKAGES: `${EVERYTHING} b@1.0.0` },
  });
});

test("GIVEN packages of PyPI, or of both registries, WHEN the image of a stdio server is declared THEN it is Python's with Node beside it", async () => {
  const pypi = await build({
    server: McpServer.Stdio,
    stdio: { command: ["mcp-server-time"], pypiPackages: [TIME] },
  });
  const both = await build({
    server: McpServer.Stdio,
    stdio: { command: ["mcp-server-time"], npmPackages: [EVERYTHING], pypiPackages: [TIME] },
  });

  const built = [pypi, both].map((declaration) => {
    const { target, args } = declaration.only("awsx:ecr:Image").inputs;
    return { target, args };
  });
  assert.deepEqual(built, [
    { target: "stdio-pypi", args: { STDIO_PYPI_PACKAGES: TIME } },
    {
      target: "stdio-pypi",
      args: { STDIO_NPM_PACKAGES: EVERYTHING, STDIO_PYPI_PACKAGES: TIME },
    },
  ]);
});

test("GIVEN exactly one source of an image WHEN it is checked THEN it passes", () => {
  checkImageSource("McpService", { server: McpServer.Weather });
  checkImageSource("McpService", { build: { context: "." } });
  checkImageSource("McpService", { image: "ghcr.io/acme/weather:1" });
});

test("GIVEN no source of an image, or several WHEN they are checked THEN they are refused", () => {
  const refused = (source: ImageSource, given: string): void => {
    assertRefused(
      () => {
        checkImageSource("McpService", source);
      },
      `McpService: ${given} of \`server\`, \`build\` and \`image\` given; give exactly one: \`server\` for a bundled server,` +
        " `build` for a Dockerfile of yours, `image` for an image that exists.",
    );
  };
  const build = { context: "." };

  refused({}, "none");
  refused({ server: McpServer.Weather, build }, "`server` and `build`");
  refused({ server: McpServer.Weather, image: "nginx" }, "`server` and `image`");
  refused({ build, image: "nginx" }, "`build` and `image`");
  refused({ server: McpServer.Weather, build, image: "nginx" }, "`server` and `build` and `image`");
});

test("GIVEN an empty image WHEN it is checked THEN it is refused", () => {
  assertRefused(() => {
    checkImageSource("McpService", { image: "" });
  }, EMPTY);
});

test("GIVEN an empty image in an output WHEN it is checked THEN the program fails with the same sentence", async () => {
  assert.deepEqual(
    await rejectionsOf(() => {
      checkImageSource("McpService", { image: pulumi.output("") });
    }),
    [EMPTY],
  );
});

const EMPTY =
  "McpService: `image` is empty; give the address of an image, best with its digest: `repository@sha256:…`.";

test("GIVEN an absolute folder to build from WHEN it is checked THEN it is refused", () => {
  const context = resolve("mine");
  assertRefused(
    () => {
      checkImageSource("McpService", { build: { context } });
    },
    `McpService: \`build.context\` is \`${context}\`; give a path relative to the program: an absolute one is another on every machine,` +
      " and would rebuild the image on each.",
  );
});

test("GIVEN a package whose bundle has not been built WHEN an image is checked THEN a bundled server alone is refused", (t) => {
  const { existsSync } = fs;
  const bundle = resolve("service", "dist", "main.mjs");
  t.after(syncBuiltinESMExports);
  t.after(() => {
    t.mock.restoreAll();
  });
  t.mock.method(fs, "existsSync", (path: fs.PathLike) => path !== bundle && existsSync(path));
  syncBuiltinESMExports();

  assertRefused(() => {
    checkImageSource("McpService", { server: McpServer.Weather });
  }, "McpService: `server` names a server of the bundled container, which has not been built. Run `npm run build` in the package's folder.");
  checkImageSource("McpService", { build: { context: "." } });
  checkImageSource("McpService", { image: "ghcr.io/acme/weather:1" });
});
