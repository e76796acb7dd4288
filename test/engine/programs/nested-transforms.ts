/** Transforms at every level, and what they may change; for the engine and the local evaluation to agree upon. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

const called: string[] = [];
const ids: pulumi.Output<string>[] = [];

/** Writes down when it is called, and with what. */
function note(who: string, change?: pulumi.ResourceTransform): pulumi.ResourceTransform {
  return async (args) => {
    const { type, name, props } = args;
    const outputs = Object.keys(props).filter((key) => pulumi.Output.isInstance(props[key]));
    called.push([who, type.split(":").at(-1), name, ...outputs.sort()].join(" "));
    return type.startsWith("aws:") ? change?.(args) : undefined;
  };
}

const days =
  (factor: number): pulumi.ResourceTransform =>
  ({ props, opts }) => ({
    props: {
      ...props,
      retentionInDays: pulumi
        .output(props["retentionInDays"] as pulumi.Input<number>)
        .apply((given) => given * factor + 1),
    },
    opts,
  });

pulumi.runtime.registerResourceTransform(note("stack", days(1000)));

const other = new aws.cloudwatch.LogGroup("other", { retentionInDays: 1 });

class Logs extends pulumi.ComponentResource {
  constructor(
    name: string,
    opts: pulumi.ComponentResourceOptions,
    own: pulumi.CustomResourceOptions,
  ) {
    super("test:index:Logs", name, {}, opts);
    const tags = { secret: pulumi.secret("hidden"), plain: "seen", output: other.name };
    const args = { retentionInDays: 1, kmsKeyId: other.name, tags };
    ids.push(new aws.cloudwatch.LogGroup(name, args, { parent: this, ...own }).id);
    this.registerOutputs({});
  }
}

class Outer extends pulumi.ComponentResource {
  constructor(
    name: string,
    opts: pulumi.ComponentResourceOptions,
    own: pulumi.CustomResourceOptions,
  ) {
    super("test:index:Outer", name, {}, opts);
    new Logs(name, { parent: this, transforms: [note("inner", days(10))] }, own);
    this.registerOutputs({});
  }
}

/** Another parent and another dependency; neither counts in each place. */
const moved: pulumi.ResourceTransform = ({ props, opts }) => ({
  props,
  opts: pulumi.mergeOptions(opts, { parent: other, dependsOn: [other], ignoreChanges: ["name"] }),
});

new Outer(
  "own",
  { transforms: [note("outer")] },
  { transforms: [note("own 1", days(2)), note("own 2", moved)] },
);
new Outer("inherited", { transforms: [note("outer", moved)] }, {});
new Outer("untouched", {}, {});

export const seen = pulumi.all(ids).apply(() => called);
