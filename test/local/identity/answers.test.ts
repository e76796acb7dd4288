import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Names, type Answer } from "../../../local/graph/answers/names.ts";
import { COGNITO } from "../../../local/identity/answers.ts";
import { POOL_ID } from "./graphs.ts";

const SURROUNDINGS = { region: "eu-central-1", nextLoadBalancerAddress: () => "" };

function ask(kind: string, inputs: Readonly<Record<string, unknown>>, name = "mcp"): Answer {
  const type = `aws:cognito/${kind.charAt(0).toLowerCase()}${kind.slice(1)}:${kind}`;
  const asked = { type, urn: `urn:${kind}:${name}`, name, inputs: { name, ...inputs } };
  const answer = COGNITO[type]?.(new Names(asked, SURROUNDINGS), asked, SURROUNDINGS);
  assert.ok(answer);
  return answer;
}

describe("GIVEN what a program asks Cognito for", () => {
  test("WHEN it is a pool THEN its id has the region, and ARN and endpoint have the id", () => {
    const { id, outputs } = ask("UserPool", {});
    assert.match(id, /^eu-central-1_[\da-f]{9}$/u);
    assert.deepEqual(outputs, {
      arn: `arn:aws:cognito-idp:eu-central-1:123456789012:userpool/${id}`,
      endpoint: `cognito-idp.eu-central-1.amazonaws.com/${id}`,
      name: "mcp",
    });
    assert.notEqual(ask("UserPool", {}, "other").id, id);
    assert.equal(ask("UserPool", {}).id, id, "the same in every evaluation");
  });

  test("WHEN it is a resource server THEN its scopes are named as tokens name them", () => {
    const scopes = [{ scopeName: "call" }, { scopeName: "read" }];
    const identifier = "https://mcp.example.com/mcp";
    assert.deepEqual(ask("ResourceServer", { userPoolId: POOL_ID, identifier, scopes }), {
      id: `${POOL_ID}|${identifier}`,
      outputs: { name: "mcp", scopeIdentifiers: [`${identifier}/call`, `${identifier}/read`] },
    });
    const { outputs } = ask("ResourceServer", { userPoolId: POOL_ID, identifier });
    assert.deepEqual(outputs["scopeIdentifiers"], []);
  });

  test("WHEN it is a client THEN its id stays, and its secret cannot be told from the program", () => {
    const first = ask("UserPoolClient", { generateSecret: true });
    const second = ask("UserPoolClient", { generateSecret: true });
    assert.match(first.id, /^[a-z\d]{26}$/u);
    assert.equal(first.id, second.id);
    assert.match(String(first.outputs["clientSecret"]), /^[\da-f]{52}$/u);
    assert.notEqual(first.outputs["clientSecret"], second.outputs["clientSecret"]);
    assert.equal(ask("UserPoolClient", {}).outputs["clientSecret"], "");
  });

  test("WHEN it is a domain THEN its id is the domain", () => {
    assert.equal(ask("UserPoolDomain", { domain: "mcp-1a2b3c" }).id, "mcp-1a2b3c");
  });
});
