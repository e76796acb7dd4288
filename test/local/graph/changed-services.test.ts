import assert from "node:assert/strict";
import { test } from "node:test";
import { changedServices } from "../../../local/graph/changed-services.ts";
import type { Graph } from "../../../local/graph/graph.ts";
import { graphOf, resource } from "../drawing/small-graph.ts";

interface Given {
  readonly weatherVariable?: string;
  readonly weatherCount?: number;
  readonly dockerfile?: string;
  readonly parameter?: string;
}

function program({
  weatherVariable = "one",
  weatherCount = 2,
  dockerfile = "Dockerfile",
  parameter = "one",
}: Given = {}): Graph {
  const service = (name: string, variable: string, desiredCount: number) => [
    resource(
      "awsx:ecr:Image",
      name,
      { dockerfile: name === "weather" ? dockerfile : "Dockerfile" },
      { outputs: { imageUri: `image of ${name}` } },
    ),
    resource(
      "aws:ecs/taskDefinition:TaskDefinition",
      name,
      {
        containerDefinitions: JSON.stringify([
          {
            name: "server",
            image: `image of ${name}`,
            environment: [{ name: "A", value: variable }],
          },
        ]),
      },
      { id: `definition of ${name}` },
    ),
    resource(
      "aws:ecs/service:Service",
      name,
      { taskDefinition: `definition of ${name}`, desiredCount },
      { id: name },
    ),
  ];
  return graphOf(
    ...service("weather", weatherVariable, weatherCount),
    ...service("gateway", "same", 2),
    resource("aws:ssm/parameter:Parameter", "upstream", { value: parameter }),
  );
}

const changed = (given: Given): string[] => [...changedServices(program(), program(given))];

for (const [what, given] of [
  ["a variable of its containers", { weatherVariable: "two" }],
  ["the service itself", { weatherCount: 3 }],
  ["the build of its image", { dockerfile: "Other" }],
] as const) {
  test(`GIVEN two services WHEN ${what} changes THEN that one is deployed alone`, () => {
    assert.deepEqual(changed(given), ["weather"]);
  });
}

test("GIVEN two services WHEN only a parameter changes THEN none is deployed", () => {
  assert.deepEqual(changed({ parameter: "two" }), []);
});

test("GIVEN two services WHEN nothing of the program changes THEN it is their code, and both are deployed", () => {
  assert.deepEqual(changed({}), ["weather", "gateway"]);
});
