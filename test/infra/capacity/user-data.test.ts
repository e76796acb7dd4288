import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { userData } from "../../../infra/capacity/user-data.ts";

const CONFIG = `cat >> /etc/ecs/ecs.config <<'END'
ECS_CLUSTER=mcp-1a2b3c4
ECS_AWSVPC_BLOCK_IMDS=true
`;

test("GIVEN plain instances WHEN they start THEN they join the cluster, and keep their role from containers", () => {
  assert.equal(
    userData({ clusterName: "mcp-1a2b3c4", spot: false, shareGpu: false, fractionalGpu: false }),
    `#!/bin/bash\n${CONFIG}END\n`,
  );
});

test("GIVEN Spot instances WHEN they start THEN ECS drains them when AWS takes them back", () => {
  assert.equal(
    userData({ clusterName: "mcp-1a2b3c4", spot: true, shareGpu: false, fractionalGpu: false }),
    `#!/bin/bash\n${CONFIG}ECS_ENABLE_SPOT_INSTANCE_DRAINING=true\nEND\n`,
  );
});

test("GIVEN shared GPUs WHEN the instances start THEN every container runs under NVIDIA's runtime, before the agent starts one", () => {
  assert.equal(
    userData({ clusterName: "mcp-1a2b3c4", spot: false, shareGpu: true, fractionalGpu: false }),
    `#!/bin/bash
${CONFIG}END
cat > /etc/sysconfig/docker <<'END'
DAEMON_MAXFILES=1048576
OPTIONS="--default-ulimit nofile=32768:65536 --default-runtime nvidia"
DAEMON_PIDFILE_TIMEOUT=10
END
systemctl restart docker
`,
  );
});

test("GIVEN the script WHEN bash runs it THEN it adds to the AMI's settings of the agent, and replaces those of Docker", async (context) => {
  const root = await mkdtemp(join(tmpdir(), "user-data-"));
  context.after(() => rm(root, { recursive: true, force: true }));
  for (const folder of ["ecs", "sysconfig"]) await mkdir(join(root, folder));
  await writeFile(join(root, "ecs", "ecs.config"), "ECS_LOGLEVEL=info\n");
  await writeFile(join(root, "sysconfig", "docker"), 'OPTIONS="--debug"\n');
  const script = userData({
    clusterName: "mcp-1a2b3c4",
    spot: true,
    shareGpu: true,
    fractionalGpu: false,
  })
    .replaceAll("/etc/", `${root}/`)
    .replace("systemctl restart docker", `echo "$@" > ${root}/restarted`);
  await promisify(execFile)("bash", ["-euc", script, "bash", "docker"]);

  assert.equal(
    await readFile(join(root, "ecs", "ecs.config"), "utf8"),
    "ECS_LOGLEVEL=info\nECS_CLUSTER=mcp-1a2b3c4\nECS_AWSVPC_BLOCK_IMDS=true\nECS_ENABLE_SPOT_INSTANCE_DRAINING=true\n",
  );
  assert.equal(
    await readFile(join(root, "sysconfig", "docker"), "utf8"),
    'DAEMON_MAXFILES=1048576\nOPTIONS="--default-ulimit nofile=32768:65536 --default-runtime nvidia"\nDAEMON_PIDFILE_TIMEOUT=10\n',
  );
  assert.equal(await readFile(join(root, "restarted"), "utf8"), "docker\n");
});

test("GIVEN instances with a part of a GPU WHEN they start THEN memory may be overcommitted, without which their tasks fail", () => {
  assert.equal(
    userData({ clusterName: "mcp-1a2b3c4", spot: false, shareGpu: false, fractionalGpu: true }),
    `#!/bin/bash\n${CONFIG}END\nsysctl -w vm.overcommit_memory=1\n`,
  );
});
