import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly if?: string;
  readonly "timeout-minutes"?: number;
  readonly permissions?: unknown;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly concurrency: { readonly group: string };
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const ROOT = join(import.meta.dirname, "..", "..");
const WORKFLOWS = ".github/workflows";
const CI = `${WORKFLOWS}/ci.yml`;
const PREVIEW = `${WORKFLOWS}/preview.yml`;
const TEMPLATE = "templates/github/pulumi-preview.yml";

const read = (file: string): Promise<string> => readFile(join(ROOT, file), "utf8");

async function workflow(file: string): Promise<Workflow> {
  return parse(await read(file)) as Workflow;
}

/** The step with that action, whatever its version. */
function using(steps: readonly Step[], action: string): Required<Pick<Step, "with">> {
  const step = steps.find(({ uses }) => uses?.startsWith(`${action}@`) === true);
  assert.ok(step, `no step uses ${action}`);
  return { with: step.with ?? {} };
}

const manifest = JSON.parse(await read("package.json")) as Manifest;

test("GIVEN the repository's workflows THEN they are the ones tested here", async () => {
  assert.deepEqual(
    (await readdir(join(ROOT, WORKFLOWS))).map((name) => `${WORKFLOWS}/${name}`).sort(),
    [CI, PREVIEW],
  );
});

test("GIVEN the workflows THEN each action is pinned to a commit and says its exact version, the same everywhere", async () => {
  const pins = new Map<string, string>();
  for (const file of [CI, PREVIEW, TEMPLATE]) {
    const used = Object.values((await workflow(file)).jobs)
      .flatMap(({ steps }) => steps)
      .flatMap(({ uses }) => uses ?? []);
    const text = await read(file);
    const pinned = [
      ...text.matchAll(/^ +- uses: ([\w.-]+\/[\w.-]+)@([0-9a-f]{40} # v\d+\.\d+\.\d+)$/gmu),
    ].map(([, action = "", pin = ""]) => ({ action, pin }));

    assert.deepEqual(
      pinned.map(({ action, pin }) => `${action}@${pin.slice(0, 40)}`),
      used,
    );
    for (const { action, pin } of pinned) {
      assert.equal(pins.get(action) ?? pin, pin, `${file}: ${action}`);
      pins.set(action, pin);
    }
  }
});

for (const file of [CI, PREVIEW, TEMPLATE]) {
  test(`GIVEN ${file} THEN the checkout leaves no token behind, and a job that hangs or is overtaken ends`, async () => {
    const { jobs, concurrency } = await workflow(file);
    for (const { steps, "timeout-minutes": minutes = Infinity } of Object.values(jobs)) {
      assert.deepEqual(using(steps, "actions/checkout").with, { "persist-credentials": false });
      assert.ok(minutes <= 60);
    }
    assert.match(concurrency.group, /\$\{\{ github\./u);
  });
}

test("GIVEN the CI workflow THEN it runs what CI runs here, on pushes and pull requests, and may only read", async () => {
  const { on, permissions, jobs } = await workflow(CI);
  assert.deepEqual(Object.keys(on), ["push", "pull_request"]);
  assert.deepEqual(permissions, { contents: "read" });
  assert.deepEqual(Object.keys(jobs), ["check"]);
  assert.equal(jobs["check"]?.permissions, undefined);
  assert.equal(jobs["check"]?.steps.at(-1)?.run, ".ci/run");
});

for (const file of [PREVIEW, TEMPLATE]) {
  test(`GIVEN ${file} WHEN a pull request comes THEN it may read, comment and assume a role, unless it comes from a fork`, async () => {
    const { on, permissions, jobs } = await workflow(file);
    // Not pull_request_target, which would run a fork's code with the secrets.
    assert.deepEqual(Object.keys(on), ["pull_request"]);
    assert.deepEqual(permissions, {
      contents: "read",
      "pull-requests": "write",
      "id-token": "write",
    });
    assert.deepEqual(Object.keys(jobs), ["preview"]);
    assert.equal(jobs["preview"]?.permissions, undefined);
    assert.equal(
      jobs["preview"]?.if,
      "vars.AWS_PREVIEW_ROLE_ARN != '' && github.event.pull_request.head.repo.full_name == github.repository && github.actor != 'dependabot[bot]'",
    );
  });

  test(`GIVEN ${file} WHEN it previews THEN the diff is one comment, edited by later runs, and nothing is deployed`, async () => {
    const { steps = [] } = (await workflow(file)).jobs["preview"] ?? {};
    assert.deepEqual(using(steps, "pulumi/actions").with, {
      command: "preview",
      "stack-name": "${{ vars.PULUMI_STACK }}",
      "cloud-url": "${{ vars.PULUMI_BACKEND_URL }}",
      // Released together with the SDK.
      "pulumi-version": manifest.dependencies["@pulumi/pulumi"],
      diff: true,
      "comment-on-pr": true,
      "edit-pr-comment": true,
      "always-include-summary": true,
    });
  });

  test(`GIVEN ${file} THEN AWS credentials are a role's from a variable, and come after the installation`, async () => {
    const { steps = [] } = (await workflow(file)).jobs["preview"] ?? {};
    assert.deepEqual(using(steps, "aws-actions/configure-aws-credentials").with, {
      "role-to-assume": "${{ vars.AWS_PREVIEW_ROLE_ARN }}",
      "aws-region": "${{ vars.AWS_REGION }}",
    });
    assert.deepEqual(
      steps
        .map(({ run, uses }) => run ?? uses?.split("@")[0])
        .filter((step) => step?.startsWith("actions/setup-") === false)
        .filter((step) => step?.startsWith("echo ") === false),
      [
        "actions/checkout",
        "npm ci --no-audit --no-fund",
        "aws-actions/configure-aws-credentials",
        "pulumi/actions",
      ],
    );
  });
}

test("GIVEN the template THEN it runs on the Node that this package is tested on", async () => {
  const { steps = [] } = (await workflow(TEMPLATE)).jobs["preview"] ?? {};
  assert.deepEqual(using(steps, "actions/setup-node").with, {
    "node-version": manifest.devDependencies["node"],
  });
});
