import type * as pulumi from "@pulumi/pulumi";

/**
 * Files that all replicas share, and that outlive them, on Amazon EFS. A file system costs what is stored in it, about 0.30 USD a GB and month, and 0.03 USD
 * a GB read and 0.06 USD a GB written.
 */
export interface Volume {
  /** Its name among the service's volumes: lower-case letters, digits and single hyphens, 24 at most. Another name is another file system. */
  name: string;
  /** Where the server sees it, such as `/data`. */
  containerPath: pulumi.Input<string>;
  /**
   * Whether the server may only read it.
   * Default: false.
   */
  readOnly?: boolean;
  /**
   * The id of an EFS file system of this account and region, in the VPC of the platform.
   * Default: one is made, encrypted, with a mount target in each zone.
   */
  fileSystemId?: pulumi.Input<string>;
  /**
   * The id of an access point of that file system, which decides on the folder and on the user who owns new files; only beside `fileSystemId`.
   * Default: the root of a given file system, as the container's user; one of its own (user and group 1000) for one that is made.
   */
  accessPointId?: pulumi.Input<string>;
  /** The id of the security group of the given file system's mount targets, which is opened to the replicas; required beside `fileSystemId`. */
  securityGroupId?: pulumi.Input<string>;
  /**
   * Whether AWS Backup keeps a copy of each day for 35 days, in the account's default vault; not beside `fileSystemId`. About 0.05 USD a GB and month.
   * Default: true, since what replicas write is nowhere else.
   */
  backup?: pulumi.Input<boolean>;
  /**
   * After how many days without an access a file moves to Infrequent Access, which costs 0.016 USD a GB and month, and 0.01 USD for each GB read: 1, 7, 14, 30,
   * 60, 90, 180, 270 or 365, or 0 for never. Not beside `fileSystemId`.
   * Default: 30.
   */
  infrequentAccessAfterDays?: pulumi.Input<number>;
  /**
   * Whether the file system stays, with its data, its policy and its backups, when the volume is taken out of the program or the stack is destroyed; give its
   * id as `fileSystemId` to have it back. Not beside `fileSystemId`.
   * Default: true, so that no deployment destroys data; an empty file system costs nothing.
   */
  retainOnDelete?: boolean;
}
