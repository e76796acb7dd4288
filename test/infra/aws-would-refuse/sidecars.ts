/** Rules about what a replica has beside its server. */
import * as pulumi from "@pulumi/pulumi";
import type { McpPlatformHandle } from "../../../infra/index.ts";
import type { Sidecar } from "../../../infra/task/sidecar.ts";
import { InstanceManagement } from "../../../infra/capacity/instance-capacity.ts";
import { arn } from "../mocks.ts";
import { HANDLE } from "../platform-handle.ts";
import { serviceMistakes, type Mistake } from "./rules.ts";

const onInstances = (spot: boolean): McpPlatformHandle => ({
  ...HANDLE,
  instanceCapacity: {
    cpu: {
      management: InstanceManagement.AutoScalingGroup,
      instanceTypes: ["m7i.large"],
      spot,
      shareGpu: false,
      networkInterfaceTrunking: false,
    },
  },
  capacityProviders: { cpu: "mcp-cpu" },
});

const sidecar = (changes: Partial<Sidecar>): Sidecar => ({
  name: "proxy",
  image: "acme/proxy",
  ...changes,
});

export const SIDECAR_MISTAKES: readonly Mistake[] = serviceMistakes([
  [
    2,
    "too small a disk",
    { ephemeralStorageGib: 20 },
    "`ephemeralStorageGib` is 20; give a whole number of GiB from 21 to 200.",
    ["ephemeralStorageGib"],
  ],
  [
    2,
    "too large a disk",
    { ephemeralStorageGib: 201 },
    "`ephemeralStorageGib` is 201; give a whole number of GiB from 21 to 200.",
    ["ephemeralStorageGib"],
  ],
  [
    2,
    "a disk of its own on an instance",
    { platform: onInstances(false), capacity: "cpu", ephemeralStorageGib: 50 },
    "`ephemeralStorageGib` is given beside `capacity`: a replica has a disk of its own on Fargate alone. Leave it out, and set" +
      " `volumeSizeGib` of the capacity.",
    ["ephemeralStorageGib"],
  ],
  [
    4,
    "a sidecar that ends too late",
    { sidecars: [sidecar({ stopTimeoutSeconds: 121 })] },
    "`sidecars.proxy.stopTimeoutSeconds` is 121; give a whole number of seconds from 1 to 120.",
  ],
  [
    4,
    "a sidecar that ends too late for Spot",
    { fargateSpotWeight: 1, sidecars: [sidecar({ stopTimeoutSeconds: pulumi.output(111) })] },
    "`sidecars.proxy.stopTimeoutSeconds` is 111, and Spot leaves a replica 110. Give no more than that, or leave `fargateSpotWeight` out.",
    ["fargateSpotWeight"],
  ],
  [
    4,
    "a sidecar that ends too late for a Spot instance",
    {
      platform: onInstances(true),
      capacity: "cpu",
      sidecars: [sidecar({ stopTimeoutSeconds: 111 })],
    },
    "`sidecars.proxy.stopTimeoutSeconds` is 111, and Spot leaves a replica 110. Give no more than that, or take instances that are not Spot" +
      " instances.",
  ],
  [
    5,
    "sidecars that take the whole processor",
    { cpu: 0.25, sidecars: [sidecar({ cpu: 0.25 })] },
    "`sidecars` take 0.25 vCPU and `cpu` is 0.25, of which the collector has 0.015625: that leaves the server none. Give a larger `cpu`, or the sidecars less.",
    ["cpu"],
  ],
  [
    5,
    "sidecars that take the whole memory",
    { memory: 512, sidecars: [sidecar({ memory: 512 })] },
    "`sidecars` take 512 MiB and `memory` is 512, of which the collector has 128: that leaves the server none. Give a larger `memory`, or the sidecars less, or set" +
      " `traceSamplePercent` to 0.",
    ["memory"],
  ],
  [
    5,
    "a sidecar's memory below what is kept for it",
    { sidecars: [sidecar({ memory: 100, memoryReservation: pulumi.output(100) })] },
    "`sidecars.proxy.memory` is 100 MiB and `sidecars.proxy.memoryReservation` is 100; give a limit above what is reserved, or one of the" +
      " two.",
  ],
  [
    6,
    "two sidecars of one name",
    { sidecars: [sidecar({}), sidecar({})] },
    "a sidecar has the name `proxy`, which another container of the replica has. Give each one of its own.",
  ],
  [
    6,
    "a sidecar with the server's name",
    { sidecars: [sidecar({ name: "server" })] },
    "a sidecar has the name `server`, which another container of the replica has. Give each one of its own.",
  ],
  [
    6,
    "a sidecar whose name is none",
    { sidecars: [sidecar({ name: "a proxy" })] },
    "a sidecar has the name `a proxy`; give one of letters, digits, hyphens and underscores, 128 at most.",
  ],
  [
    10,
    "a sidecar on the server's port",
    { port: 8080, sidecars: [sidecar({ ports: [8080] })] },
    "`sidecars.proxy.ports` has 8080, on which the server listens already: the containers of a replica share one network. Give one of them" +
      " another port.",
    ["port"],
  ],
  [
    10,
    "two sidecars on one port",
    {
      sidecars: [
        sidecar({ ports: [9000] }),
        sidecar({ name: "cache", ports: pulumi.output([9000]) }),
      ],
    },
    "`sidecars.cache.ports` has 9000, on which the sidecar `proxy` listens already: the containers of a replica share one network. Give one" +
      " of them another port.",
  ],
  [
    52,
    "a sidecar's variable that is a secret, too",
    {
      sidecars: [
        sidecar({ environment: { KEY: "plain" }, secrets: { KEY: arn("ssm", "parameter/key") } }),
      ],
    },
    "`KEY` stands in `sidecars.proxy.secrets` and in `sidecars.proxy.environment`; ECS takes each name once. Keep one of them.",
  ],
  [
    46,
    "a sidecar's JSON key without the colons after it",
    {
      sidecars: [
        sidecar({ secrets: { KEY: `${arn("secretsmanager", "secret:keys-AbCdEf")}:key` } }),
      ],
    },
    "`sidecars.proxy.secrets.KEY` is not the ARN of a secret; give the ARN of a Secrets Manager secret, followed by `:key::` for one key of" +
      " a JSON value, or the ARN of an SSM parameter.",
  ],
]);
