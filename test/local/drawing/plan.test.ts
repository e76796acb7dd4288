import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pathText } from "../../../local/drawing/diff/property-changes.ts";
import { planned, type Plan } from "../../../local/drawing/diff/plan.ts";
import type { Graph } from "../../../local/graph/graph.ts";
import { arnOf, graphOf, resource } from "./small-graph.ts";

const TASK = "aws:ecs/taskDefinition:TaskDefinition";
const SERVICE = "aws:ecs/service:Service";
const GROUP = "aws:lb/targetGroup:TargetGroup";
const RULE = "aws:lb/listenerRule:ListenerRule";
const INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";

/** Steps as "action label". */
function steps(plan: Plan): string[] {
  return plan.steps.map(({ action, label }) => `${action} ${label}`);
}

function only(before: Graph, after: Graph): Plan["steps"][number] {
  const [step, ...others] = planned(before, after).steps;
  assert.ok(step !== undefined && others.length === 0);
  return step;
}

describe("GIVEN two graphs", () => {
  it("WHEN resources come, go and stay THEN each is told once", () => {
    const plan = planned(
      graphOf(resource("aws:sns/topic:Topic", "old"), resource("aws:sns/topic:Topic", "same")),
      graphOf(resource("aws:sns/topic:Topic", "same"), resource("aws:sns/topic:Topic", "new")),
    );

    assert.deepEqual(steps(plan), ["delete aws.sns.Topic old", "create aws.sns.Topic new"]);
    assert.equal(plan.unchanged, 1);
  });

  it("WHEN a resource has another name and an alias THEN it is the same, for those that refer to it, too", () => {
    const before = graphOf(
      resource(GROUP, "old", { port: 80 }),
      resource(RULE, "rule", {
        listenerArn: "arn:listener",
        actions: [{ targetGroupArn: arnOf(GROUP, "old") }],
      }),
    );
    const after = graphOf(
      resource(
        GROUP,
        "new",
        { port: 80 },
        { options: { aliases: [`urn:pulumi:dev::test::${GROUP}::old`] } },
      ),
      resource(RULE, "rule", {
        listenerArn: "arn:listener",
        actions: [{ targetGroupArn: arnOf(GROUP, "new") }],
      }),
    );

    const step = only(before, after);

    assert.equal(step.action, "move");
    assert.deepEqual(step.notes, ["was `aws.lb.TargetGroup old`; an alias keeps it"]);
  });

  it("WHEN a change is ignored THEN nothing is said of it", () => {
    const of = (desiredCount: number, team: string): Graph =>
      graphOf(
        resource(
          SERVICE,
          "weather",
          { desiredCount, tags: { team } },
          { ignoreChanges: ["desiredCount"] },
        ),
      );

    assert.deepEqual(planned(of(2, "a"), of(3, "a")).steps, []);
    assert.deepEqual(
      only(of(2, "a"), of(3, "b")).changes.map(({ path }) => pathText(path)),
      ["tags.team"],
    );
  });

  it("WHEN a resource stays where it refers to made-up ids THEN they read as names", () => {
    const of = (suffix: string): Graph =>
      graphOf(
        resource(GROUP, "weather"),
        resource("aws:iam/rolePolicy:RolePolicy", "weather", {
          policy: JSON.stringify({ Resource: `${arnOf(GROUP, "weather")}/${suffix}` }),
        }),
      );

    assert.deepEqual(only(of("a"), of("b")).changes, [
      {
        path: [{ key: "policy" }, { key: "Resource" }],
        kind: "changed",
        before: "${TargetGroup weather.arn}/a",
        after: "${TargetGroup weather.arn}/b",
      },
    ]);
  });

  it("WHEN an id has another place in a list THEN who refers to it stays as it is", () => {
    const of = (...publicSubnetIds: string[]): Graph =>
      graphOf(
        resource("awsx:ec2:Vpc", "mcp", {}, { outputs: { publicSubnetIds } }),
        resource(SERVICE, "weather", { networkConfiguration: { subnets: ["subnet-b"] } }),
      );

    assert.deepEqual(planned(of("subnet-b"), of("subnet-a", "subnet-b")).steps, []);
  });

  it("WHEN a property cannot change in place THEN the resource is replaced, and who refers to it follows", () => {
    const of = (port: number): Graph =>
      graphOf(
        resource(GROUP, "weather", { port }),
        resource(
          RULE,
          "weather",
          { listenerArn: "arn:listener", actions: [{ targetGroupArn: arnOf(GROUP, "weather") }] },
          { options: { deleteBeforeReplace: true } },
        ),
        resource("aws:ecs/service:Service", "weather", {
          loadBalancers: [{ targetGroupArn: arnOf(GROUP, "weather") }],
        }),
      );

    const plan = planned(of(80), of(81));

    assert.deepEqual(steps(plan), [
      "replace aws.lb.TargetGroup weather",
      "update aws.lb.ListenerRule weather",
      "update aws.ecs.Service weather",
    ]);
    assert.deepEqual(plan.steps[0]?.because, ["port"]);
    assert.deepEqual(plan.steps[1]?.follows, [
      { path: "actions[0].targetGroupArn", of: ["TargetGroup weather"] },
    ]);
  });

  it("WHEN who follows cannot change that property in place THEN it is replaced in turn, and so on", () => {
    const of = (name: string): Graph =>
      graphOf(
        resource("aws:ecs/cluster:Cluster", "mcp", { name }),
        resource(SERVICE, "weather", { cluster: arnOf("aws:ecs/cluster:Cluster", "mcp") }),
        resource("aws:appautoscaling/target:Target", "weather", {
          resourceId: arnOf(SERVICE, "weather"),
        }),
        resource("aws:cloudwatch/dashboard:Dashboard", "weather", {
          dashboardBody: JSON.stringify({ about: arnOf(SERVICE, "weather") }),
        }),
      );

    const expected = [
      "replace aws.ecs.Cluster mcp",
      "replace aws.ecs.Service weather",
      "replace aws.appautoscaling.Target weather",
      "update aws.cloudwatch.Dashboard weather",
    ];
    const turned = (graph: Graph): Graph => ({ ...graph, resources: graph.resources.toReversed() });
    assert.deepEqual(steps(planned(of("a"), of("b"))), expected);
    assert.deepEqual(steps(planned(turned(of("a")), turned(of("b")))).sort(), expected.toSorted());
  });

  it("WHEN containers change THEN the task definition is replaced and its service updated, and order alone is no change", () => {
    const of = (...containers: object[]): Graph =>
      graphOf(
        resource(TASK, "weather", { containerDefinitions: JSON.stringify(containers) }),
        resource(SERVICE, "weather", { taskDefinition: arnOf(TASK, "weather") }),
      );

    assert.deepEqual(steps(planned(of({ name: "a" }), of({ name: "a", cpu: 1 }))), [
      "replace aws.ecs.TaskDefinition weather",
      "update aws.ecs.Service weather",
    ]);
    const turned = only(of({ name: "a" }, { name: "b" }), of({ name: "b" }, { name: "a" }));
    assert.equal(turned.action, "update");
    assert.deepEqual(turned.notes, [
      "order or spelling alone: the provider most likely sees no change",
    ]);
  });

  it("WHEN an image's files have changed THEN the task definition that runs it is replaced", () => {
    const image = resource(
      "awsx:ecr:Image",
      "weather",
      { context: "." },
      { options: { kind: "remote component" } },
    );
    const graph = graphOf(
      image,
      resource(TASK, "weather", {
        containerDefinitions: JSON.stringify([{ name: "server", image: image.outputs["arn"] }]),
      }),
    );

    assert.deepEqual(planned(graph, graph).steps, []);
    assert.deepEqual(steps(planned(graph, graph, new Set([image.urn]))), [
      "replace aws.ecs.TaskDefinition weather",
      "update awsx.ecr.Image weather",
    ]);
  });
});

describe("GIVEN a resource that is replaced", () => {
  const replaced = (
    inputs: Record<string, unknown>,
    deleteBeforeReplace?: boolean,
  ): readonly string[] => {
    const options = deleteBeforeReplace === undefined ? {} : { deleteBeforeReplace };
    return only(
      graphOf(resource(GROUP, "weather", { ...inputs, port: 80 }, { options })),
      graphOf(resource(GROUP, "weather", { ...inputs, port: 81 }, { options })),
    ).notes;
  };
  const FIRST_OLD = ["the old one is deleted before the new one is made"];
  const FIRST_NEW = ["the new one is made before the old one is deleted"];

  it("WHEN AWS can have both at once THEN the new one comes first", () => {
    assert.deepEqual(replaced({}), FIRST_NEW);
    assert.deepEqual(replaced({ name: "fixed" }, false), FIRST_NEW);
  });

  it("WHEN the program says so, or it has a name of its own THEN the old one goes first", () => {
    assert.deepEqual(replaced({}, true), FIRST_OLD);
    assert.deepEqual(replaced({ name: "fixed" }), FIRST_OLD);
  });
});

describe("GIVEN what the provider decides by code", () => {
  const changed = (type: string, before: object, after: object): string =>
    only(graphOf(resource(type, "a", { ...before })), graphOf(resource(type, "a", { ...after })))
      .action;

  it("WHEN a rule of a security group names another address THEN it is updated, and replaced for another kind of source", () => {
    assert.equal(
      changed(INGRESS, { cidrIpv4: "10.0.0.0/8" }, { cidrIpv4: "10.1.0.0/16" }),
      "update",
    );
    assert.equal(changed(INGRESS, { fromPort: 80 }, { fromPort: 81 }), "update");
    assert.equal(
      changed(INGRESS, { cidrIpv4: "10.0.0.0/8" }, { referencedSecurityGroupId: "sg-1" }),
      "replace",
    );
  });

  it("WHEN a service gets other capacity THEN it is updated where it forces a deployment, else replaced", () => {
    const fargate = [{ capacityProvider: "FARGATE", weight: 1 }];
    const spot = [{ capacityProvider: "FARGATE_SPOT", weight: 1 }];
    const of = (capacityProviderStrategies: object[], forceNewDeployment: boolean): object => ({
      capacityProviderStrategies,
      forceNewDeployment,
    });
    assert.equal(changed(SERVICE, of(fargate, true), of(spot, true)), "update");
    assert.equal(changed(SERVICE, of(fargate, false), of(spot, false)), "replace");
    assert.equal(changed(SERVICE, of([], true), of(spot, true)), "replace");
  });

  it("WHEN nothing is known of a type THEN that is said, and `replaceOnChanges` still counts", () => {
    const type = "gcp:storage/bucket:Bucket";
    const of = (location: string, replaceOnChanges: string[]): Graph =>
      graphOf(resource(type, "a", { location }, { options: { replaceOnChanges } }));

    const unknown = only(of("EU", []), of("US", []));
    assert.equal(unknown.action, "update");
    assert.deepEqual(unknown.notes, [
      "whether in place or by replacement is unknown for this type",
    ]);
    assert.equal(only(of("EU", ["location"]), of("US", ["location"])).action, "replace");
  });
});

describe("GIVEN a secret", () => {
  const of = (secretString: string, url: string): Graph => ({
    ...graphOf(
      resource(
        "aws:secretsmanager/secretVersion:SecretVersion",
        "key",
        { secretString },
        { options: { secretInputs: [["secretString"]] } },
      ),
    ),
    outputs: { url },
  });

  it("WHEN it changes THEN that is seen, and neither value is", () => {
    const plan = planned(
      of("a-former-password", "https://a-former-password@host"),
      of("another-password", "https://another-password@host"),
    );

    assert.deepEqual(
      plan.steps.map(({ changes, because }) => ({ changes, because })),
      [
        {
          changes: [
            {
              path: [{ key: "secretString" }],
              kind: "changed",
              before: "[secret]",
              after: "[secret]",
            },
          ],
          because: ["secretString"],
        },
      ],
    );
    assert.doesNotMatch(JSON.stringify(plan), /password/u);
  });
});
