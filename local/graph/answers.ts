import { createHash, randomBytes } from "node:crypto";

/** What AWS is taken to be in an evaluation. */
export interface Surroundings {
  readonly region: string;
  /** The address that the next load balancer will have on this machine. */
  readonly nextLoadBalancerAddress: () => string;
}

/** A resource as the monitor sees it. */
export interface Asked {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** An id and outputs such as AWS would have answered. */
export interface Answer {
  readonly id: string;
  readonly outputs: Readonly<Record<string, unknown>>;
}

const ACCOUNT = "123456789012";

/** Every name of a resource that AWS could have made is derived from its URN: unique, and the same in every evaluation. */
class Names {
  readonly #asked: Asked;
  readonly #surroundings: Surroundings;
  readonly hash: string;

  constructor(asked: Asked, surroundings: Surroundings) {
    this.#asked = asked;
    this.#surroundings = surroundings;
    this.hash = createHash("sha256").update(asked.urn).digest("hex");
  }

  /** The physical name: the given one, or Pulumi's own. */
  get physical(): string {
    const { name } = this.#asked.inputs;
    return typeof name === "string" ? name : `${this.#asked.name}-${this.hash.slice(0, 7)}`;
  }

  arn(service: string, resource: string): string {
    return `arn:aws:${service}:${this.#surroundings.region}:${ACCOUNT}:${resource}`;
  }

  uuid(): string {
    return this.hash.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/u, "$1-$2-$3-$4-$5");
  }
}

type Answerer = (names: Names, asked: Asked, surroundings: Surroundings) => Answer;

/** An answer whose id is its ARN, as most of AWS's newer services have it. */
const byArn =
  (
    service: string,
    resource: (names: Names, asked: Asked) => string,
    more: (names: Names, asked: Asked) => object = () => ({}),
  ): Answerer =>
  (names, asked) => {
    const arn = names.arn(service, resource(names, asked));
    return { id: arn, outputs: { arn, name: names.physical, ...more(names, asked) } };
  };

const ANSWERS: Readonly<Record<string, Answerer>> = {
  "aws:ecs/cluster:Cluster": byArn("ecs", (names) => `cluster/${names.physical}`),
  "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": (_, { inputs }) => ({
    id: String(inputs["clusterName"]),
    outputs: {},
  }),
  "aws:ecs/taskDefinition:TaskDefinition": byArn(
    "ecs",
    (_, { inputs }) => `task-definition/${String(inputs["family"])}:1`,
    () => ({ revision: 1 }),
  ),
  "aws:ecs/service:Service": byArn(
    "ecs",
    (names, { inputs }) => `service/${lastSegment(inputs["cluster"])}/${names.physical}`,
  ),
  "aws:lb/loadBalancer:LoadBalancer": (names, _asked, surroundings) => {
    const suffix = `app/${names.physical}/${names.hash.slice(0, 16)}`;
    const arn = names.arn("elasticloadbalancing", `loadbalancer/${suffix}`);
    return {
      id: arn,
      outputs: {
        arn,
        arnSuffix: suffix,
        name: names.physical,
        dnsName: surroundings.nextLoadBalancerAddress(),
        zoneId: "Z35SXDOTRQ7X7K",
      },
    };
  },
  "aws:cloudfront/vpcOrigin:VpcOrigin": (names) => ({
    id: `vo_${names.hash.slice(0, 22)}`,
    outputs: { arn: `arn:aws:cloudfront::${ACCOUNT}:vpcorigin/vo_${names.hash.slice(0, 22)}` },
  }),
  "aws:cloudfront/distribution:Distribution": (names) => {
    const id = `E${names.hash.slice(0, 13).toUpperCase()}`;
    return {
      id,
      outputs: {
        arn: `arn:aws:cloudfront::${ACCOUNT}:distribution/${id}`,
        domainName: `d${names.hash.slice(0, 13)}.cloudfront.net`,
        // CloudFront's own, the same for all.
        hostedZoneId: "Z2FDTNDATAQYW2",
      },
    };
  },
  "aws:acm/certificate:Certificate": byArn(
    "acm",
    (names) => `certificate/${names.uuid()}`,
    (names, { inputs }) => ({ domainValidationOptions: validationOptions(names.hash, inputs) }),
  ),
  "aws:acm/certificateValidation:CertificateValidation": (_, { inputs }) => ({
    id: String(inputs["certificateArn"]),
    outputs: {},
  }),
  "aws:route53/record:Record": (names, { inputs }) => ({
    id: `${String(inputs["zoneId"])}_${String(inputs["name"])}_${String(inputs["type"])}-${names.hash.slice(0, 8)}`,
    outputs: { fqdn: String(inputs["name"]) },
  }),
  "aws:s3/bucket:Bucket": (names) => ({
    id: names.physical,
    outputs: { arn: `arn:aws:s3:::${names.physical}`, bucket: names.physical },
  }),
  "aws:lb/listener:Listener": byArn(
    "elasticloadbalancing",
    (names, { inputs }) =>
      `${afterAccount(inputs["loadBalancerArn"]).replace(/^loadbalancer/u, "listener")}/${names.hash.slice(0, 16)}`,
  ),
  "aws:lb/listenerRule:ListenerRule": byArn(
    "elasticloadbalancing",
    (names, { inputs }) =>
      `${afterAccount(inputs["listenerArn"]).replace(/^listener/u, "listener-rule")}/${names.hash.slice(0, 16)}`,
  ),
  "aws:lb/targetGroup:TargetGroup": byArn(
    "elasticloadbalancing",
    (names) => `targetgroup/${names.physical}/${names.hash.slice(0, 16)}`,
    (names) => ({ arnSuffix: `targetgroup/${names.physical}/${names.hash.slice(0, 16)}` }),
  ),
  "aws:secretsmanager/secret:Secret": byArn(
    "secretsmanager",
    (names) => `secret:${names.physical}-${names.hash.slice(0, 6)}`,
  ),
  "aws:secretsmanager/secretVersion:SecretVersion": (names, { inputs }) => ({
    id: `${String(inputs["secretId"])}|${names.uuid()}`,
    outputs: { arn: inputs["secretId"], versionId: names.uuid() },
  }),
  "aws:ecr/repository:Repository": (names, _asked, { region }) => ({
    id: names.physical,
    outputs: {
      arn: names.arn("ecr", `repository/${names.physical}`),
      name: names.physical,
      repositoryUrl: `${ACCOUNT}.dkr.ecr.${region}.amazonaws.com/${names.physical}`,
    },
  }),
  "aws:ssm/parameter:Parameter": (names) => ({
    id: names.physical,
    outputs: {
      arn: names.arn("ssm", `parameter/${names.physical.replace(/^\//u, "")}`),
      name: names.physical,
    },
  }),
  "aws:iam/role:Role": (names) => ({
    id: names.physical,
    outputs: { arn: `arn:aws:iam::${ACCOUNT}:role/${names.physical}`, name: names.physical },
  }),
  "aws:cloudwatch/metricAlarm:MetricAlarm": (names) => ({
    id: names.physical,
    outputs: { arn: names.arn("cloudwatch", `alarm:${names.physical}`), name: names.physical },
  }),
  "aws:cloudwatch/logGroup:LogGroup": (names) => ({
    id: names.physical,
    outputs: { arn: names.arn("logs", `log-group:${names.physical}`), name: names.physical },
  }),
  "aws:appautoscaling/policy:Policy": (names, { inputs }) => ({
    id: names.physical,
    outputs: {
      name: names.physical,
      arn: names.arn(
        "autoscaling",
        `scalingPolicy:${names.uuid()}:resource/${String(inputs["serviceNamespace"])}/${String(inputs["resourceId"])}:policyName/${names.physical}`,
      ),
    },
  }),
  "aws:appautoscaling/target:Target": (_, { inputs }) => ({
    id: String(inputs["resourceId"]),
    outputs: {},
  }),
  "random:index/randomPassword:RandomPassword": (_, { inputs }) => ({
    id: "none",
    outputs: { result: randomText(Number(inputs["length"] ?? 32)) },
  }),
  "awsx:ec2:Vpc": (names, { inputs }, { region }) => {
    const zones = zoneNames(region, inputs);
    const subnets = (kind: string): string[] =>
      zones.map((zone) => `subnet-${names.hash.slice(0, 8)}-${kind}-${zone}`);
    return {
      id: "",
      outputs: {
        vpcId: `vpc-${names.hash.slice(0, 17)}`,
        publicSubnetIds: subnets("public"),
        privateSubnetIds: subnets("private"),
        isolatedSubnetIds: subnets("isolated"),
        routeTableAssociations: [...subnets("public"), ...subnets("private")].map((subnetId) => ({
          subnetId,
          routeTableId: subnetId.replace(/^subnet/u, "rtb"),
        })),
        // Not an output of awsx: how this machine knows a subnet's zone.
        availabilityZones: zones,
      },
    };
  },
  "awsx:ecr:Repository": (names, _asked, { region }) => ({
    id: "",
    outputs: {
      url: `${ACCOUNT}.dkr.ecr.${region}.amazonaws.com/${names.physical}`,
      repository: { arn: names.arn("ecr", `repository/${names.physical}`), name: names.physical },
    },
  }),
  "awsx:ecr:Image": (names, { inputs }) => ({
    id: "",
    outputs: { imageUri: `${String(inputs["repositoryUrl"])}@sha256:${names.hash}` },
  }),
};

/** What AWS would answer to a resource; types that nothing here depends on get an id, a name and an ARN. */
export function answer(asked: Asked, surroundings: Surroundings): Answer {
  const names = new Names(asked, surroundings);
  const known = ANSWERS[asked.type]?.(names, asked, surroundings) ?? {
    id: `${asked.name}-${names.hash.slice(0, 16)}`,
    outputs: {
      name: names.physical,
      arn: names.arn(
        asked.type.split(/[:/]/u)[1] ?? "aws",
        `${asked.name}-${names.hash.slice(0, 16)}`,
      ),
    },
  };
  return { id: known.id, outputs: { region: surroundings.region, ...known.outputs } };
}

/** What AWS would answer to a question (an invoke). */
export function invoke(
  token: string,
  inputs: Readonly<Record<string, unknown>>,
  { region }: Surroundings,
): Record<string, unknown> {
  switch (token) {
    case "aws:index/getRegion:getRegion":
      return {
        id: region,
        name: region,
        region,
        description: region,
        endpoint: `ec2.${region}.amazonaws.com`,
      };
    case "aws:index/getPartition:getPartition":
      return {
        id: "aws",
        partition: "aws",
        dnsSuffix: "amazonaws.com",
        reverseDnsPrefix: "com.amazonaws",
      };
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return {
        id: ACCOUNT,
        accountId: ACCOUNT,
        arn: `arn:aws:iam::${ACCOUNT}:user/local`,
        userId: "local",
      };
    case "aws:index/getAvailabilityZones:getAvailabilityZones":
      return {
        id: region,
        names: zoneNames(region, { numberOfAvailabilityZones: 6 }),
        zoneIds: [],
        groupNames: [region],
      };
    case "aws:ec2/getManagedPrefixList:getManagedPrefixList":
      return { ...inputs, id: "pl-3b927c52" };
    case "aws:ec2/getVpc:getVpc":
      return { ...inputs, cidrBlock: "10.0.0.0/16" };
    case "aws:ec2/getSubnet:getSubnet":
      return { ...inputs, availabilityZoneId: "local-az1" };
    default:
      return { id: "local", ...inputs };
  }
}

function zoneNames(region: string, inputs: Readonly<Record<string, unknown>>): string[] {
  const { availabilityZoneNames, numberOfAvailabilityZones } = inputs;
  if (Array.isArray(availabilityZoneNames)) return availabilityZoneNames.map(String);
  const count = typeof numberOfAvailabilityZones === "number" ? numberOfAvailabilityZones : 3;
  return ["a", "b", "c", "d", "e", "f"].slice(0, count).map((letter) => `${region}${letter}`);
}

/** One record a name; a wildcard shares that of the name above it. */
function validationOptions(hash: string, inputs: Readonly<Record<string, unknown>>): object[] {
  const { domainName, subjectAlternativeNames: others } = inputs;
  const names: unknown[] = [domainName, ...(Array.isArray(others) ? (others as unknown[]) : [])];
  return names.map(String).map((name) => {
    const base = name.replace(/^\*\./u, "");
    return {
      domainName: name,
      resourceRecordName: `_${hash.slice(0, 32)}.${base}.`,
      resourceRecordType: "CNAME",
      resourceRecordValue: `_${hash.slice(32)}.acm-validations.aws.`,
    };
  });
}

function lastSegment(value: unknown): string {
  return String(value).split("/").at(-1) ?? "";
}

function afterAccount(arn: unknown): string {
  return String(arn).split(":").slice(5).join(":");
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** New in every run: nothing here outlives it. */
function randomText(length: number): string {
  // 248 is the largest multiple of 62 in a byte: larger ones would favour the alphabet's beginning.
  let text = "";
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < 248 && text.length < length) text += ALPHABET.charAt(byte % ALPHABET.length);
    }
  }
  return text;
}
