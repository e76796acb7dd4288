import assert from "node:assert/strict";
import { test } from "node:test";
import { faultyListener, good } from "./faulty-server.ts";
import { call, contextOf, LIMITS, openUpstream } from "./fixtures.ts";
import { startServer } from "./upstream-servers.ts";

test("GIVEN a secret in Secrets Manager WHEN a tool is called THEN the AWS SDK reads it from the region of its ARN, once", async (t) => {
  const manager = await startServer(t, (_request, response) => {
    response.writeHead(200, { "content-type": "application/x-amz-json-1.1" });
    response.end(JSON.stringify({ Name: "key", SecretString: "s3cret" }));
  });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${manager.port}`,
    AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_REGION: "us-east-1",
  });
  const server = await startServer(t, faultyListener(good));
  const secretArn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:key-AbCdEf";
  const upstream = openUpstream(t, server.url, { auth: { mode: "header", value: { secretArn } } });
  await Promise.all([1, 2].map(() => upstream.send(call("look"), contextOf(), LIMITS)));
  await upstream.send(call("look"), contextOf(), LIMITS);
  assert.equal(server.requests.at(-1)?.headers.authorization, "Bearer s3cret");
  assert.equal(manager.requests.length, 1);
  const [asked] = manager.requests;
  assert.equal(asked?.headers["x-amz-target"], "secretsmanager.GetSecretValue");
  assert.match(asked.headers.authorization ?? "", /\/eu-central-1\/secretsmanager\/aws4_request/u);
  assert.deepEqual(JSON.parse(asked.body), { SecretId: secretArn });
});
