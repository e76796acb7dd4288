import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { graphJson } from "../../../local/drawing/json.ts";
import { References, referencesIn } from "../../../local/drawing/references.ts";
import { Secrets } from "../../../local/drawing/secrets.ts";
import type { Graph } from "../../../local/graph/graph.ts";
import { graphOf, resource } from "./small-graph.ts";

const PASSWORD = resource(
  "random:index/randomPassword:RandomPassword",
  "password",
  {},
  { id: "none", outputs: { result: 'very"secret"text' }, options: { secretOutputs: ["result"] } },
);

describe("GIVEN secrets", () => {
  it("WHEN a graph is shown THEN they are hidden where the program marks them, and wherever else they turn up", () => {
    const graph: Graph = {
      ...graphOf(
        PASSWORD,
        resource(
          "aws:secretsmanager/secretVersion:SecretVersion",
          "version",
          { secretString: "{}", nested: [{ key: "x", other: 1 }] },
          { options: { secretInputs: [["secretString"], ["nested", "0", "key"]] } },
        ),
        resource("aws:ecs/taskDefinition:TaskDefinition", "task", {
          containerDefinitions: JSON.stringify([{ value: 'very"secret"text' }]),
        }),
      ),
      outputs: { url: 'https://very"secret"text@host' },
    };

    const hidden = new Secrets(graph).hidden(graph);

    assert.deepEqual(
      hidden.resources.map(({ inputs }) => inputs),
      [
        {},
        { secretString: "[secret]", nested: [{ key: "[secret]", other: 1 }] },
        { containerDefinitions: '[{"value":"[secret]"}]' },
      ],
    );
    assert.deepEqual(hidden.resources[0]?.outputs, { result: "[secret]" });
    assert.deepEqual(hidden.outputs, { url: "https://[secret]@host" });
  });

  it("WHEN a secret is JSON THEN its parts are hidden elsewhere, too", () => {
    const graph = graphOf(
      resource(
        "aws:ssm/parameter:Parameter",
        "keys",
        { value: '{"now":"first-password","next":"other-password"}' },
        { options: { secretInputs: [["value"]] } },
      ),
      resource("aws:sns/topic:Topic", "topic", { displayName: "other-password" }),
    );

    assert.doesNotMatch(graphJson(graph), /first-password|other-password/u);
  });
});

describe("GIVEN a graph", () => {
  it("WHEN it is printed as JSON THEN resources, keys and dependencies have one order", () => {
    const [a, b] = [
      resource("aws:sns/topic:Topic", "a", { y: 1, x: 2 }, { dependencies: ["urn:b", "urn:a"] }),
      resource("aws:sns/topic:Topic", "b"),
    ];
    const turned = resource(
      "aws:sns/topic:Topic",
      "a",
      { x: 2, y: 1 },
      { dependencies: ["urn:a", "urn:b"] },
    );

    assert.equal(graphJson(graphOf(a, b)), graphJson(graphOf(b, turned)));
  });
});

describe("GIVEN made-up ids", () => {
  const graph = graphOf(
    resource(
      "aws:ecs/cluster:Cluster",
      "mcp",
      {},
      {
        id: "mcp-3d47b8d",
        outputs: { name: "mcp-3d47b8d", arn: "arn:cluster/mcp-3d47b8d", region: "us-east-1" },
      },
    ),
    resource(
      "awsx:ec2:Vpc",
      "mcp",
      {},
      { id: "", outputs: { subnetIds: ["subnet-1", "subnet-2"], zoneId: "Z35SXDOTRQ7X7K" } },
    ),
    resource(
      "aws:ec2/vpc:Vpc",
      "other",
      { tag: "own-name" },
      { id: "own-name", outputs: { zoneId: "Z35SXDOTRQ7X7K" } },
    ),
  );
  const references = new References(graph);

  it("WHEN texts hold them THEN they read as names, the longest first, keys included", () => {
    assert.deepEqual(
      references.named({ "arn:cluster/mcp-3d47b8d": ["x/mcp-3d47b8d/subnet-2", 1, null] }),
      {
        "${Cluster mcp.arn}": ["x/${Cluster mcp.name}/${Vpc mcp.subnetIds[1]}", 1, null],
      },
    );
    assert.deepEqual(referencesIn("a ${Cluster mcp.arn}/${Vpc mcp.subnetIds[1]}"), [
      "Cluster mcp",
      "Vpc mcp",
    ]);
  });

  it("WHEN a text is a resource's own input, a place, or of several resources THEN it stays", () => {
    for (const text of ["own-name", "us-east-1", "Z35SXDOTRQ7X7K"])
      assert.equal(references.named(text), text);
  });
});
