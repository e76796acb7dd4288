/** What an instance is told when it starts. */
export interface UserDataSettings {
  readonly clusterName: string;
  readonly spot: boolean;
  readonly shareGpu: boolean;
  /** Whether each instance has a part of a GPU. */
  readonly fractionalGpu: boolean;
}

/**
 * The script that an instance runs once, before the ECS agent starts (`ecs.service` waits for cloud-init to end).
 *
 * A shared GPU needs NVIDIA's runtime as Docker's default, since ECS picks it only for containers that require a GPU. The whole file is written as in
 * the ECS guide, "Share GPUs": `/etc/docker/daemon.json` belongs to the AMI, and there the runtime itself, which Docker is told by a flag, would be a
 * conflict that keeps Docker from starting.
 */
export function userData({ clusterName, spot, shareGpu, fractionalGpu }: UserDataSettings): string {
  return [
    "#!/bin/bash",
    "cat >> /etc/ecs/ecs.config <<'END'",
    `ECS_CLUSTER=${clusterName}`,
    // Else a container could take the instance's role.
    "ECS_AWSVPC_BLOCK_IMDS=true",
    ...(spot ? ["ECS_ENABLE_SPOT_INSTANCE_DRAINING=true"] : []),
    "END",
    // Without it tasks with a GPU fail on the smallest of them (README of aws/amazon-ecs-ami).
    ...(fractionalGpu ? ["sysctl -w vm.overcommit_memory=1"] : []),
    ...(shareGpu
      ? [
          "cat > /etc/sysconfig/docker <<'END'",
          "DAEMON_MAXFILES=1048576",
          'OPTIONS="--default-ulimit nofile=32768:65536 --default-runtime nvidia"',
          "DAEMON_PIDFILE_TIMEOUT=10",
          "END",
          "systemctl restart docker",
        ]
      : []),
    "",
  ].join("\n");
}
