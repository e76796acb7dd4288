/** A stand-in for awsx: makes the resources that the real one makes, as far as our components look at them, through the engine. */
import { createRequire, flushCompileCache } from "node:module";
import type * as aws from "@pulumi/aws";
import type * as dockerBuild from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";
import type * as Provider from "@pulumi/pulumi/provider/index.js";

const require = createRequire(import.meta.url);
const provider = require("@pulumi/pulumi/provider") as typeof Provider;
// The whole package takes a second, at every operation of every test.
const ec2 = require("@pulumi/aws/ec2") as typeof aws.ec2;
const ecr = require("@pulumi/aws/ecr") as typeof aws.ecr;
const { Image: DockerImage } = require("@pulumi/docker-build") as typeof dockerBuild;

interface VpcInputs {
  readonly cidrBlock?: string;
  readonly availabilityZoneNames?: readonly string[];
  readonly natGateways?: { readonly strategy?: string };
  readonly tags?: Record<string, string>;
}

/** Public and private subnets in every zone, gateways and routes; the addresses are laid out as /20 blocks. */
function createVpc(
  name: string,
  parent: pulumi.Resource,
  inputs: VpcInputs,
): Record<string, pulumi.Input<unknown>> {
  const opts = { parent };
  const zones = inputs.availabilityZoneNames ?? ["us-east-1a", "us-east-1b", "us-east-1c"];
  const strategy = inputs.natGateways?.strategy ?? "OnePerAz";
  const [first = "10", second = "0"] = (inputs.cidrBlock ?? "10.0.0.0/16").split(".");
  const vpc = new ec2.Vpc(
    name,
    {
      cidrBlock: inputs.cidrBlock,
      enableDnsHostnames: true,
      enableDnsSupport: true,
      tags: inputs.tags,
    },
    opts,
  );
  const gateway = new ec2.InternetGateway(name, { vpcId: vpc.id }, opts);
  const subnets = { public: [] as pulumi.Output<string>[], private: [] as pulumi.Output<string>[] };
  const nats: aws.ec2.NatGateway[] = [];
  const associations: aws.ec2.RouteTableAssociation[] = [];
  let block = 0;
  for (const kind of ["public", "private"] as const) {
    for (const [index, zone] of zones.entries()) {
      const child = `${name}-${kind}-${index + 1}`;
      const subnet = new ec2.Subnet(
        child,
        {
          vpcId: vpc.id,
          cidrBlock: `${first}.${second}.${16 * block++}.0/20`,
          availabilityZone: zone,
        },
        opts,
      );
      subnets[kind].push(subnet.id);
      const table = new ec2.RouteTable(child, { vpcId: vpc.id }, opts);
      associations.push(
        new ec2.RouteTableAssociation(child, { subnetId: subnet.id, routeTableId: table.id }, opts),
      );
      if (
        kind === "public" &&
        (strategy === "OnePerAz" || (strategy === "Single" && index === 0))
      ) {
        const eip = new ec2.Eip(`${name}-${index + 1}`, { domain: "vpc" }, opts);
        nats.push(
          new ec2.NatGateway(
            `${name}-${index + 1}`,
            { subnetId: subnet.id, allocationId: eip.id },
            { parent, dependsOn: [gateway] },
          ),
        );
      }
      const natGatewayId = nats[index % Math.max(nats.length, 1)]?.id;
      if (kind === "private" && natGatewayId === undefined) continue;
      new ec2.Route(
        child,
        {
          routeTableId: table.id,
          destinationCidrBlock: "0.0.0.0/0",
          ...(kind === "public" ? { gatewayId: gateway.id } : { natGatewayId }),
        },
        opts,
      );
    }
  }
  return {
    vpcId: vpc.id,
    publicSubnetIds: subnets.public,
    privateSubnetIds: subnets.private,
    isolatedSubnetIds: [],
    routeTableAssociations: associations,
    natGateways: nats,
  };
}

interface RepositoryInputs {
  readonly forceDelete?: boolean;
  readonly imageScanningConfiguration?: { readonly scanOnPush: boolean };
  readonly tags?: Record<string, string>;
  readonly lifecyclePolicy?: unknown;
}

function createRepository(
  name: string,
  parent: pulumi.Resource,
  inputs: RepositoryInputs,
): Record<string, pulumi.Input<unknown>> {
  const { lifecyclePolicy, ...args } = inputs;
  const repository = new ecr.Repository(name, args, { parent });
  new ecr.LifecyclePolicy(
    name,
    { repository: repository.name, policy: JSON.stringify(lifecyclePolicy ?? {}) },
    { parent },
  );
  return { url: repository.repositoryUrl, repository };
}

interface ImageInputs {
  readonly repositoryUrl: pulumi.Input<string>;
  readonly context?: string;
  readonly dockerfile?: string;
  readonly platform?: string;
  readonly target?: string;
  readonly args?: Record<string, string>;
}

function createImage(
  name: string,
  parent: pulumi.Resource,
  inputs: ImageInputs,
): Record<string, pulumi.Input<unknown>> {
  const image = new DockerImage(
    name,
    {
      push: true,
      tags: [pulumi.interpolate`${inputs.repositoryUrl}:latest`],
      context: { location: inputs.context ?? "." },
      dockerfile: { location: inputs.dockerfile ?? "Dockerfile" },
      platforms: [(inputs.platform ?? "linux/amd64") as dockerBuild.Platform],
      buildArgs: inputs.args,
      target: inputs.target,
    },
    { parent },
  );
  return { imageUri: image.ref };
}

class Component extends pulumi.ComponentResource {}

/** Inputs whose values are always known: awsx wants them plain. */
function known<T>(inputs: pulumi.Inputs): Promise<T> {
  return new Promise((resolve) => {
    pulumi.output(inputs).apply((value) => {
      resolve(value as T);
    });
  });
}

async function create(
  type: string,
  name: string,
  parent: pulumi.Resource,
  inputs: pulumi.Inputs,
): Promise<Record<string, pulumi.Input<unknown>>> {
  switch (type) {
    case "awsx:ec2:Vpc":
      return createVpc(name, parent, await known<VpcInputs>(inputs));
    case "awsx:ecr:Repository":
      return createRepository(name, parent, await known<RepositoryInputs>(inputs));
    case "awsx:ecr:Image":
      return createImage(name, parent, inputs as unknown as ImageInputs);
    default:
      throw new Error(`The stand-in for awsx does not know ${type}.`);
  }
}

const stand: Provider.Provider = {
  version: "3.9.0",
  construct: async (name, type, inputs, options) => {
    const component = new Component(type, name, {}, options);
    return { urn: component.urn, state: await create(type, name, component, inputs) };
  },
};

void provider.main(stand, process.argv.slice(2));
// The engine kills its plugins, which then write nothing.
flushCompileCache();
