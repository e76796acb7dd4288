import type * as pulumi from "@pulumi/pulumi";

/** Tags as every room passes them on; undefined where the user gave none. */
export type Tags = pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
