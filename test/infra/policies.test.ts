/** Reads what every role may do, who may take it, and who may use resources from outside. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { everyKind } from "./every-kind.ts";
import { deploy, type Declared } from "./mocks.ts";

interface Statement {
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: "*" | Readonly<Record<string, string | string[]>>;
  readonly Action: string | string[];
  readonly Resource?: string | string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const list = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === "string" ? [value] : value;

/** The documents of a resource, by the inputs that hold them. */
const DOCUMENTS: Readonly<Record<string, string>> = {
  "aws:iam/role:Role": "assumeRolePolicy",
  "aws:iam/rolePolicy:RolePolicy": "policy",
  "aws:s3/bucketPolicy:BucketPolicy": "policy",
  "aws:sns/topicPolicy:TopicPolicy": "policy",
  "aws:efs/fileSystemPolicy:FileSystemPolicy": "policy",
};

async function statements(): Promise<{ resource: Declared; statement: Statement }[]> {
  const { resources } = await deploy(everyKind);
  return resources.flatMap((resource) => {
    const input = DOCUMENTS[resource.type];
    if (input === undefined) return [];
    const document = JSON.parse(String(resource.inputs[input])) as { Statement: Statement[] };
    return document.Statement.map((statement) => ({ resource, statement }));
  });
}

/** Actions for which AWS knows no resource (Service Authorization Reference), or none that could be named. */
const WITHOUT_RESOURCE: ReadonlyMap<string, string> = new Map([
  ["ecr:GetAuthorizationToken", "knows no resource"],
  ["elasticloadbalancing:DescribeListeners", "knows no resource"],
  ["elasticloadbalancing:DescribeRules", "knows no resource"],
  ["elasticloadbalancing:DescribeTargetGroups", "knows no resource"],
  ["elasticloadbalancing:DescribeTargetHealth", "knows no resource"],
  ["ssmmessages:CreateControlChannel", "knows no resource"],
  ["ssmmessages:CreateDataChannel", "knows no resource"],
  ["ssmmessages:OpenControlChannel", "knows no resource"],
  ["ssmmessages:OpenDataChannel", "knows no resource"],
  ["xray:GetSamplingRules", "knows no resource"],
  ["xray:GetSamplingTargets", "knows no resource"],
  ["xray:PutTelemetryRecords", "knows no resource"],
  ["xray:PutTraceSegments", "knows no resource"],
]);

test("GIVEN everything that is declared WHEN policies are read THEN no resource is a wildcard where an ARN can be named", async () => {
  const found = await statements();
  assert.ok(found.length > 20);
  for (const { resource, statement } of found) {
    if (statement.Effect === "Deny") continue;
    const actions = list(statement.Action);
    for (const action of actions) assert.doesNotMatch(action, /\*/u, resource.urn);
    for (const target of list(statement.Resource)) {
      if (target === "*") {
        for (const action of actions)
          assert.ok(WITHOUT_RESOURCE.has(action), `${resource.urn}: ${action} on *`);
        continue;
      }
      // A log group's streams, what a bucket holds, and what the user's own statement says.
      assert.match(target, /^arn:[^*]+(?::\*|\/\*)?$/u, resource.urn);
    }
  }
});

/** The principals that AWS gives no source to compare, with the reason. */
const WITHOUT_SOURCE: ReadonlyMap<string, string> = new Map([
  [
    "ec2.amazonaws.com",
    "an instance takes its own role, which only who may pass it can give it (EC2 guide)",
  ],
  [
    "ecs.amazonaws.com",
    'ECS documents no keys for infrastructure roles (ECS guide, "infrastructure IAM role")',
  ],
]);

test("GIVEN everything that is declared WHEN trust is read THEN no service of AWS can be used against us by another account", async () => {
  const seen = new Set<string>();
  for (const { resource, statement } of await statements()) {
    const { Principal: principal, Condition: condition = {} } = statement;
    if (principal === undefined || statement.Effect === "Deny") continue;
    if (principal === "*" || principal["Service"] === undefined) {
      assert.ok(Object.keys(condition).length > 0, `${resource.urn} lets everybody in`);
      continue;
    }
    for (const service of list(principal["Service"])) {
      seen.add(service);
      const keys = Object.values(condition).flatMap((test) => Object.keys(test));
      if (WITHOUT_SOURCE.has(service)) {
        assert.deepEqual(
          keys,
          [],
          `${resource.urn}: ${service} has a condition; take it off the list`,
        );
        continue;
      }
      assert.ok(
        keys.includes("aws:SourceArn") || keys.includes("aws:SourceAccount"),
        `${resource.urn}: ${service} without a source`,
      );
      const sources = Object.values(condition).flatMap((test) => Object.values(test).flat());
      for (const source of sources) assert.match(String(source), /123456789012/u, resource.urn);
    }
  }
  assert.deepEqual([...seen].sort(), [
    "cloudwatch.amazonaws.com",
    "ec2.amazonaws.com",
    "ecs-tasks.amazonaws.com",
    "ecs.amazonaws.com",
    "events.amazonaws.com",
    "logdelivery.elasticloadbalancing.amazonaws.com",
  ]);
});

test("GIVEN everything that is declared WHEN keys may be used THEN only through the services that read secrets", async () => {
  const keys = (await statements()).filter(({ statement }) =>
    list(statement.Action).some((action) => action.startsWith("kms:")),
  );
  assert.deepEqual([...new Set(keys.map(({ resource }) => resource.name))].sort(), [
    "classifier-execution",
    "notes-execution",
    "tools-execution",
    "tools-upstreams",
    "weather-execution",
  ]);
  for (const { statement } of keys) {
    assert.equal(statement.Action, "kms:Decrypt");
    assert.deepEqual(statement.Condition, {
      StringEquals: {
        "kms:ViaService": ["secretsmanager.us-east-1.amazonaws.com", "ssm.us-east-1.amazonaws.com"],
      },
    });
  }
});

/** Policies of AWS's own, which no policy here can narrow, and what asks for each. */
const MANAGED = [
  "AmazonECSInfrastructureRolePolicyForManagedInstances",
  "AmazonECSInstanceRolePolicyForManagedInstances",
  "AmazonSSMManagedInstanceCore",
  "service-role/AmazonEC2ContainerServiceforEC2Role",
];

test("GIVEN everything that is declared WHEN AWS's own policies are attached THEN they are those of instances alone", async () => {
  const { resources } = await deploy(everyKind);
  const attached = resources
    .filter(({ type }) => type === "aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    .map(({ inputs }) => String(inputs["policyArn"]).replace("arn:aws:iam::aws:policy/", ""));

  assert.deepEqual([...new Set(attached)].sort(), MANAGED.toSorted());
});
