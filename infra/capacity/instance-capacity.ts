import type * as pulumi from "@pulumi/pulumi";

/** Who runs the instances of a capacity. */
export const InstanceManagement = {
  /** An Auto Scaling group of this account, of instances with the ECS AMI. */
  AutoScalingGroup: "auto-scaling-group",
  /**
   * ECS itself (ECS Managed Instances): it chooses, starts and patches them, and replaces each within three weeks. The fee is a share of the price on
   * demand, also for Spot instances: about 12 %, and 8 % for G types; 7 USD a month for an `m7g.large` of 60, 46 for a `g6.xlarge` of 590.
   */
  ManagedInstances: "managed-instances",
} as const;
export type InstanceManagement = (typeof InstanceManagement)[keyof typeof InstanceManagement];

/** EC2 instances that services of a platform can run on, beside Fargate: for GPUs, or at another price. */
export interface InstanceCapacity {
  /**
   * The instance types, of one processor architecture and, with GPUs, of one GPU model: ECS does not see a GPU's model or memory. In an Auto Scaling
   * group they must have the same size, since ECS counts the instances it needs by the smallest.
   */
  instanceTypes: string[];
  /**
   * Who runs the instances.
   * Default: `auto-scaling-group`.
   */
  management?: InstanceManagement;
  /**
   * The least number of instances, 0 to 5000; only for `auto-scaling-group`.
   * Default: 0, so that instances that nothing runs on cost nothing; the first replica then waits some minutes for one.
   */
  minInstances?: pulumi.Input<number>;
  /**
   * The greatest number of instances, 1 to 5000; only for `auto-scaling-group`.
   * Default: 10, which bounds what a mistake costs.
   */
  maxInstances?: pulumi.Input<number>;
  /**
   * How full ECS keeps the instances, in percent, 1 to 100; below 100 it holds some free, so that new replicas need not wait for one. Only for
   * `auto-scaling-group`.
   * Default: 100, no spare instances.
   */
  targetCapacityPercent?: pulumi.Input<number>;
  /**
   * Whether the instances are Spot instances: up to 90 % cheaper, and AWS may take one back with two minutes' notice, or have none to give.
   * Default: false.
   */
  spot?: boolean;
  /**
   * Whether services may share a GPU, each with a fraction of it (`gpu: 0.25`); only for `auto-scaling-group`, and for types with exactly one GPU. Nothing
   * isolates the replicas on a GPU from each other: neither memory nor time nor faults.
   * Default: false, each GPU belongs to one replica.
   */
  shareGpu?: boolean;
  /**
   * Whether the account-wide setting `awsvpcTrunking` is turned on, so that an instance holds more replicas than it has network interfaces. It counts for
   * all of the account's instances in the region that start from now on. Only for `auto-scaling-group`: ECS Managed Instances do so by themselves.
   * Default: false.
   */
  networkInterfaceTrunking?: boolean;
  /**
   * The AMI; only for `auto-scaling-group`.
   * Default: the newest ECS-optimised Amazon Linux 2023 for the instances' processor and GPU, looked up by EC2 when an instance starts.
   */
  imageId?: pulumi.Input<string>;
  /**
   * The size of each instance's volume for container images and what containers write, in GiB, 30 to 16384. In an Auto Scaling group it is the root volume
   * (gp3, encrypted). About 0.08 USD a GiB and month.
   * Default: 30, and 100 with GPUs, whose images are large.
   */
  volumeSizeGib?: pulumi.Input<number>;
  /**
   * Whether Session Manager may open a shell on the instances; only for `auto-scaling-group`. There is no SSH.
   * Default: false.
   */
  enableSessionManager?: boolean;
}

/** What a service must know of a capacity before anything is created. */
export interface InstanceCapacityFacts {
  /** Who runs the instances. */
  management: InstanceManagement;
  /** The instance types. */
  instanceTypes: string[];
  /** Whether the instances are Spot instances. */
  spot: boolean;
  /** Whether services may share a GPU. */
  shareGpu: boolean;
  /** Whether an instance holds more replicas than it has network interfaces. */
  networkInterfaceTrunking: boolean;
}
