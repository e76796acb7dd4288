import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import {
  MODEL_SERVERS,
  modelBuild,
  modelEnvironment,
  ModelPrecision,
} from "../../../infra/task/models.ts";
import { PRECISION_SUFFIXES } from "../../../service/servers/models/manifest.ts";
import { readModelSettings } from "../../../service/servers/models/settings.ts";
import { parseWantedModel, USUAL_MODELS } from "../../../service/servers/models/wanted-model.ts";
import { valueOf } from "../mocks.ts";

test("GIVEN the servers' own models THEN infrastructure and container name the same ones, at the same commits", async () => {
  const named = await Promise.all(
    MODEL_SERVERS.map((server) => {
      const { MODELS } = modelBuild(server, {}, false).args;
      assert.ok(MODELS);
      return valueOf(MODELS);
    }),
  );

  assert.deepEqual(named, [...USUAL_MODELS]);
});

test("GIVEN another model WHEN its image is declared THEN the container reads of it what the program has said", async () => {
  const revision = "0123456789abcdef0123456789abcdef01234567";
  const { args, target } = modelBuild(
    "classifier",
    { repository: pulumi.output("acme/birds"), revision, graphs: ["encoder", "head"] },
    true,
  );

  assert.equal(target, "models-cuda");
  assert.deepEqual(Object.keys(args), ["MODELS"]);
  assert.ok(args["MODELS"]);
  assert.deepEqual(parseWantedModel(await valueOf(args["MODELS"])), {
    name: "classifier",
    repository: "acme/birds",
    revision,
    graphs: ["encoder", "head"],
  });
});

test("GIVEN the precisions of the program THEN the container knows each of them, and no other", () => {
  assert.deepEqual(Object.values(ModelPrecision).sort(), Object.keys(PRECISION_SUFFIXES).sort());
});

test("GIVEN settings of a model WHEN the container reads them THEN they are those of the program, its threads a part of the replica's processor", async () => {
  const read = async (
    ...given: Parameters<typeof modelEnvironment>
  ): Promise<Partial<ReturnType<typeof readModelSettings>>> => {
    const environment = await valueOf(modelEnvironment(...given));
    const { device, workers, threads, batchSize, queueSize } = readModelSettings(
      "translator",
      environment,
      64,
    );
    return { device, workers, threads, batchSize, queueSize };
  };

  assert.deepEqual(await read({}, false, 0.25), {
    device: "cpu",
    workers: 1,
    threads: 1,
    batchSize: 8,
    queueSize: 64,
  });
  assert.deepEqual(
    await read(
      { workers: pulumi.output(2), batchSize: 16, maxQueuedCalls: 1 },
      true,
      pulumi.output(4.5),
    ),
    { device: "cuda", workers: 2, threads: 2, batchSize: 16, queueSize: 1 },
  );
});
