import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { test, type TestContext } from "node:test";
import { accessTokenCommand } from "../../../infra/identity/token-command.ts";
import { MACHINE_ID, POOL_ID, SECRET } from "../../local/identity/graphs.ts";
import { decode, startTestIssuer } from "../../local/identity/issuers.ts";
import { deploy, valueOf } from "../mocks.ts";

const command = async (tokenEndpoint: string): Promise<string> => {
  const { result } = await deploy(() =>
    accessTokenCommand({
      region: "eu-central-1",
      userPoolId: POOL_ID,
      clientId: MACHINE_ID,
      tokenEndpoint,
    }),
  );
  return valueOf(result);
};

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What `aws` was asked, and what stood among curl's arguments. */
  readonly asked: string;
}

/** Runs a command as a POSIX shell does, with an AWS CLI that knows one secret. */
async function run(context: TestContext, text: string, secret = SECRET): Promise<Ran> {
  const folder = await mkdtemp(join(tmpdir(), "token-command-"));
  context.after(() => rm(folder, { recursive: true }));
  const log = join(folder, "log");
  const stub = async (name: string, script: string): Promise<void> => {
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, name), 0o755);
  };
  const path = process.env["PATH"] ?? "";
  await stub("aws", `echo "aws $*" >> "${log}"\necho '${secret}'`);
  await stub("curl", `echo "curl $*" >> "${log}"\nPATH="${path}" exec curl "$@"`);
  await stub("jq", "echo 'jq is not there' >&2\nexit 127");
  return new Promise((resolve) => {
    execFile(
      "sh",
      ["-c", text],
      { env: { PATH: [folder, path].join(delimiter) } },
      (error, stdout, stderr) => {
        void readFile(log, "utf8").then((asked) => {
          resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr, asked });
        });
      },
    );
  });
}

test("GIVEN a user pool WHEN its command runs THEN it prints an access token, and the secret stands in no argument", async (context) => {
  const { domain, iss } = await startTestIssuer(context);
  const text = await command(`${domain}/oauth2/token`);
  const { code, stdout, stderr, asked } = await run(context, text);

  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^[\w-]+\.[\w-]+\.[\w-]+\n$/u);
  const { claims } = decode(stdout.trim());
  assert.deepEqual([claims["iss"], claims["client_id"]], [iss, MACHINE_ID]);
  assert.equal(
    claims["scope"],
    "https://mcp.example.com/mcp/call https://mcp.example.com/mcp/read",
  );
  assert.deepEqual(asked.trim().split("\n").sort(), [
    `aws cognito-idp describe-user-pool-client --region eu-central-1 --user-pool-id ${POOL_ID} --client-id ${MACHINE_ID} --query` +
      " UserPoolClient.ClientSecret --output text",
    `curl -sSf -K - -d grant_type=client_credentials ${domain}/oauth2/token`,
  ]);
  assert.ok(!text.includes(SECRET));
});

test("GIVEN a client that Cognito refuses WHEN its command runs THEN it fails, prints no token, and says why", async (context) => {
  const { domain } = await startTestIssuer(context);
  const text = await command(`${domain}/oauth2/token`);
  const { code, stdout, stderr } = await run(context, text, "another");

  assert.equal(code, 1);
  assert.equal(stdout, "");
  assert.match(stderr, /The requested URL returned error: 400/u);
});
