/** The stand-ins for Systems Manager and Secrets Manager, asked by the AWS SDK as a task has it. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { GetParametersByPathCommand, SSMClient } from "@aws-sdk/client-ssm";
import { startAwsEndpoint, type AwsEndpoint } from "../../../local/aws/aws-endpoint.ts";
import type { Graph, GraphResource } from "../../../local/graph/graph.ts";
import { graphOf, resource } from "../drawing/small-graph.ts";

const ROLE = "arn:aws:iam::123456789012:role/tools-task";
const SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:machine-abcdef";
const KEY = "arn:aws:kms:us-east-1:123456789012:key/0123";

const role = resource(
  "aws:iam/role:Role",
  "tools-task",
  {},
  { id: "tools-task", outputs: { arn: ROLE, name: "tools-task" } },
);

function policy(...statements: readonly object[]): GraphResource {
  const Statement = statements.map((statement) => ({ Effect: "Allow", ...statement }));
  return resource("aws:iam/rolePolicy:RolePolicy", "upstreams", {
    role: "tools-task",
    policy: JSON.stringify({ Version: "2012-10-17", Statement }),
  });
}

function parameter(name: string, value: string, inputs: object = {}): GraphResource {
  return resource(
    "aws:ssm/parameter:Parameter",
    name,
    { type: "String", insecureValue: value, ...inputs },
    { outputs: { name, arn: `arn:aws:ssm:us-east-1:123456789012:parameter${name}` } },
  );
}

const PATH_STATEMENT = {
  Action: "ssm:GetParametersByPath",
  Resource: [
    "arn:aws:ssm:us-east-1:123456789012:parameter/gateways/tools",
    "arn:aws:ssm:us-east-1:123456789012:parameter/gateways/tools/*",
  ],
};
const SECRET_STATEMENT = { Action: "secretsmanager:GetSecretValue", Resource: SECRET };

function secret(inputs: object = {}, value: string | undefined = "hidden"): GraphResource[] {
  return [
    resource(
      "aws:secretsmanager/secret:Secret",
      "machine",
      { ...inputs },
      { id: SECRET, outputs: { arn: SECRET, name: "machine" } },
    ),
    resource(
      "aws:secretsmanager/secretVersion:SecretVersion",
      "machine",
      { secretId: SECRET, secretString: value },
      { outputs: { versionId: "one" } },
    ),
  ];
}

interface Asked {
  readonly endpoint: AwsEndpoint;
  readonly ssm: SSMClient;
  readonly secrets: SecretsManagerClient;
  readonly refusals: string[];
}

const NAMES = [
  "AWS_REGION",
  "AWS_ENDPOINT_URL_SSM",
  "AWS_ENDPOINT_URL_SECRETS_MANAGER",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "AWS_CONFIG_FILE",
  "AWS_SHARED_CREDENTIALS_FILE",
  "AWS_ACCESS_KEY_ID",
];

/** The SDK finds everything in the variables of the process, as it does in a task. */
async function asked(context: TestContext, graph: Graph): Promise<Asked> {
  const refusals: string[] = [];
  const endpoint = await startAwsEndpoint(graph, {
    addresses: () => [["https://tools.example", "http://127.0.0.1:8000"]],
    onRefusal: (sentence) => refusals.push(sentence),
  });
  const before = NAMES.map((name) => [name, process.env[name]] as const);
  delete process.env["AWS_ACCESS_KEY_ID"];
  Object.assign(process.env, {
    AWS_REGION: "us-east-1",
    ...endpoint.variables({ service: "service", taskId: "task", roleArn: ROLE }),
  });
  const ssm = new SSMClient({ maxAttempts: 1 });
  const secrets = new SecretsManagerClient({ maxAttempts: 1 });
  context.after(async () => {
    ssm.destroy();
    secrets.destroy();
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    await endpoint.close();
  });
  return { endpoint, ssm, secrets, refusals };
}

const byPath = (Path: string, more: object = {}): GetParametersByPathCommand =>
  new GetParametersByPathCommand({ Path, WithDecryption: true, ...more });

test("GIVEN 23 parameters below a path WHEN a task reads them THEN each page has ten, in the order of their names, without those further down", async (context) => {
  const numbers = Array.from({ length: 23 }, (_, index) => String(index).padStart(2, "0"));
  const { ssm } = await asked(
    context,
    graphOf(
      role,
      policy(PATH_STATEMENT),
      ...numbers.toReversed().map((name) => parameter(`/gateways/tools/${name}`, name)),
      parameter("/gateways/tools/further/down", "no"),
      parameter("/gateways/other/one", "no"),
    ),
  );

  const pages: (readonly (string | undefined)[])[] = [];
  let NextToken: string | undefined;
  do {
    const page = await ssm.send(byPath("/gateways/tools", { NextToken }));
    pages.push((page.Parameters ?? []).map(({ Value }) => Value));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);

  assert.deepEqual(
    pages.map(({ length }) => length),
    [10, 10, 3],
  );
  assert.deepEqual(pages.flat(), numbers);
});

test("GIVEN a parameter WHEN the program changes it THEN its version is one more, and that of others stays", async (context) => {
  const graph = (value: string): Graph =>
    graphOf(
      role,
      policy(PATH_STATEMENT),
      parameter("/gateways/tools/a", value),
      parameter("/gateways/tools/b", "same"),
    );
  const { endpoint, ssm } = await asked(context, graph("old"));
  const versions = async (): Promise<readonly unknown[]> =>
    (await ssm.send(byPath("/gateways/tools/"))).Parameters?.map(({ Name, Value, Version }) => [
      Name,
      Value,
      Version,
    ]) ?? [];

  assert.deepEqual(await versions(), [
    ["/gateways/tools/a", "old", 1],
    ["/gateways/tools/b", "same", 1],
  ]);
  endpoint.update(graph("new"));
  assert.deepEqual(await versions(), [
    ["/gateways/tools/a", "new", 2],
    ["/gateways/tools/b", "same", 1],
  ]);
});

test("GIVEN a value with addresses that are elsewhere here WHEN a task reads it THEN it has those of this machine, scopes in a list included", async (context) => {
  const value = JSON.stringify({
    url: "https://tools.example/mcp",
    auth: { scope: "https://tools.example/mcp/call openid" },
    timeoutSeconds: 60,
  });
  const { ssm } = await asked(
    context,
    graphOf(role, policy(PATH_STATEMENT), parameter("/gateways/tools/a", value)),
  );

  const { Parameters } = await ssm.send(byPath("/gateways/tools"));

  assert.deepEqual(JSON.parse(Parameters?.[0]?.Value ?? ""), {
    url: "http://127.0.0.1:8000/mcp",
    auth: { scope: "http://127.0.0.1:8000/mcp/call openid" },
    timeoutSeconds: 60,
  });
});

test("GIVEN a role without a statement for the path WHEN a task reads it THEN it is refused as by AWS, and a person is told once", async (context) => {
  const { ssm, refusals } = await asked(
    context,
    graphOf(role, policy(PATH_STATEMENT), parameter("/gateways/other/one", "x")),
  );
  const message =
    "User: arn:aws:sts::123456789012:assumed-role/tools-task/task is not authorized to perform: ssm:GetParametersByPath on resource: arn:aws:ssm:us-east-1:123456789012:parameter/gateways/other because no identity-based policy allows the ssm:GetParametersByPath action";

  for (let time = 0; time < 2; time++)
    await assert.rejects(ssm.send(byPath("/gateways/other")), {
      name: "AccessDeniedException",
      message,
    });

  assert.deepEqual(refusals, [`A request was refused: ${message}`]);
});

test("GIVEN a denial beside an allowance WHEN a task reads the path THEN the denial goes first", async (context) => {
  const { ssm } = await asked(
    context,
    graphOf(role, policy(PATH_STATEMENT, { ...PATH_STATEMENT, Effect: "Deny" })),
  );

  await assert.rejects(ssm.send(byPath("/gateways/tools")), {
    name: "AccessDeniedException",
    message: /with an explicit deny in an identity-based policy$/u,
  });
});

test("GIVEN a path, or a token, that is none WHEN a task asks THEN it is refused as by AWS", async (context) => {
  const { ssm } = await asked(context, graphOf(role, policy(PATH_STATEMENT)));

  await assert.rejects(ssm.send(byPath("gateways")), { name: "ValidationException" });
  await assert.rejects(ssm.send(byPath("/gateways/tools", { NextToken: "x" })), {
    name: "InvalidNextToken",
  });
});

test("GIVEN an encrypted parameter under a key of the program WHEN the role may not decrypt THEN it is refused, and else read", async (context) => {
  const encrypted = parameter("/gateways/tools/a", "", {
    type: "SecureString",
    insecureValue: undefined,
    value: "open",
    keyId: KEY,
  });
  const decrypt = {
    Action: "kms:Decrypt",
    Resource: KEY,
    Condition: { StringEquals: { "kms:ViaService": "ssm.us-east-1.amazonaws.com" } },
  };
  const { endpoint, ssm } = await asked(context, graphOf(role, policy(PATH_STATEMENT), encrypted));

  await assert.rejects(ssm.send(byPath("/gateways/tools")), {
    name: "AccessDeniedException",
    message: /not authorized to perform: kms:Decrypt/u,
  });
  endpoint.update(graphOf(role, policy(PATH_STATEMENT, decrypt), encrypted));
  const { Parameters } = await ssm.send(byPath("/gateways/tools"));

  assert.equal(Parameters?.[0]?.Value, "open");
});

test("GIVEN a secret that the role may read WHEN a task asks for it THEN it gets the current version", async (context) => {
  const { secrets } = await asked(context, graphOf(role, policy(SECRET_STATEMENT), ...secret()));

  const { ARN, Name, VersionId, VersionStages, SecretString } = await secrets.send(
    new GetSecretValueCommand({ SecretId: SECRET }),
  );

  assert.deepEqual(
    { ARN, Name, VersionId, VersionStages, SecretString },
    {
      ARN: SECRET,
      Name: "machine",
      VersionId: "one",
      VersionStages: ["AWSCURRENT"],
      SecretString: "hidden",
    },
  );
});

test("GIVEN a secret WHEN the role may not read it, or its key, or it has no value THEN each is refused by its own error", async (context) => {
  const read = new GetSecretValueCommand({ SecretId: SECRET });
  const { endpoint, secrets } = await asked(
    context,
    graphOf(role, policy(PATH_STATEMENT), ...secret()),
  );

  await assert.rejects(secrets.send(read), {
    name: "AccessDeniedException",
    message: /not authorized to perform: secretsmanager:GetSecretValue/u,
  });
  endpoint.update(graphOf(role, policy(SECRET_STATEMENT), ...secret({ kmsKeyId: KEY })));
  await assert.rejects(secrets.send(read), {
    name: "AccessDeniedException",
    message: "Access to KMS is not allowed",
  });
  endpoint.update(graphOf(role, policy(SECRET_STATEMENT), ...secret().slice(0, 1)));
  await assert.rejects(secrets.send(read), {
    name: "ResourceNotFoundException",
    message: /for staging label: AWSCURRENT$/u,
  });
});

test("GIVEN a task that has ended WHEN its credentials are used THEN they are good for nothing", async (context) => {
  const { endpoint, ssm } = await asked(context, graphOf(role, policy(PATH_STATEMENT)));
  await ssm.send(byPath("/gateways/tools"));

  endpoint.forget("task");

  await assert.rejects(ssm.send(byPath("/gateways/tools")), {
    name: "UnrecognizedClientException",
  });
});

test("GIVEN a policy that is none WHEN the stand-in starts THEN it says which", async () => {
  const graph = graphOf(
    role,
    resource("aws:iam/rolePolicy:RolePolicy", "broken", { role: "tools-task", policy: "{}" }),
  );

  await assert.rejects(
    startAwsEndpoint(graph, { addresses: () => [], onRefusal: () => undefined }),
    /^LocalError: The policy of the RolePolicy `broken` is no policy that IAM would take\./u,
  );
});
