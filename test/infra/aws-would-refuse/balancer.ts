/** Rules about load balancers, their names, rules and certificates. */
import { Exposure, McpPlatform, McpService } from "../../../infra/index.ts";
import { claimPlace } from "../../../infra/ingress/rule-priority.ts";
import { HANDLE } from "../platform-handle.ts";
import { platformMistakes, serviceMistakes, type Mistake } from "./rules.ts";

const SUBNETS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"];
const VPC = { vpcId: "vpc-0123456789abcdef0", privateSubnetIds: SUBNETS };
const NAMED = { exposure: Exposure.Domain, domainName: "mcp.example.com" };
const ZONE = "Z0123456789ABCDEFGHIJ";

const service = (name: string, path: string, platform: object) =>
  new McpService(name, { platform: platform as typeof HANDLE, path, image: "acme/tools" });

export const BALANCER_MISTAKES: readonly Mistake[] = [
  ...["a-service-name-that-is-lo", "Weather", "weather-"].map((name) => ({
    rule: 27,
    what: `the name ${name}`,
    program: () => service(name, "/mcp", { ...HANDLE }),
    sentence:
      `McpService: the name \`${name}\` does not fit; give one of at most 24 lower-case letters, digits and single hyphens, beginning with a letter, since` +
      " load balancer, target group and repository are named after it.",
  })),
  {
    rule: 27,
    what: "a name that AWS keeps to itself",
    program: () => new McpPlatform("internal-mcp"),
    sentence:
      "McpPlatform: the name `internal-mcp` does not fit: AWS keeps names beginning with `internal-` to itself. Choose another beginning.",
  },
  ...platformMistakes([
    [
      28,
      "one subnet",
      { vpc: { ...VPC, privateSubnetIds: SUBNETS.slice(1) } },
      "`vpc.privateSubnetIds` has one subnet; a load balancer needs two or more, each in another zone.",
    ],
    [
      28,
      "one subnet twice",
      {
        vpc: { ...VPC, privateSubnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef0"] },
      },
      "`vpc.privateSubnetIds` has `subnet-0123456789abcdef0` twice; give each once.",
    ],
    [
      31,
      "a patience that no load balancer has",
      { idleTimeoutSeconds: 4001 },
      "`idleTimeoutSeconds` is 4001; give a whole number of seconds from 1 to 4000.",
      ["idleTimeoutSeconds"],
    ],
    [
      34,
      "a certificate of another region",
      { ...NAMED, certificateArn: "arn:aws:acm:eu-west-1:123456789012:certificate/0b5c" },
      "`certificateArn` is a certificate of eu-west-1, but the load balancer is in us-east-1 and takes certificates of its own region alone." +
        " Give one of that region, or `hostedZoneId`, and one is made.",
      ["certificateArn"],
    ],
    [
      34,
      "a certificate that is none",
      { ...NAMED, certificateArn: "mine" },
      "`certificateArn` is `mine`; give the ARN of an issued ACM certificate, such as `arn:aws:acm:us-east-1:123456789012:certificate/…`.",
      ["certificateArn"],
    ],
    [
      34,
      "no certificate",
      NAMED,
      "`exposure` is `domain`, but `hostedZoneId` (or `certificateArn`) is missing: a public listener without TLS would show every token to" +
        " the network. Give the domain name, and its hosted zone in Route 53 or an issued ACM certificate for it in the same region; or set" +
        " `exposure` to `assigned`, which needs neither, or to `internal`.",
    ],
    [
      34,
      "a name too long for a certificate",
      { ...NAMED, domainName: `${"a".repeat(53)}.example.com`, hostedZoneId: ZONE },
      "`domainName` is `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example.com`, 65 characters long; ACM takes 64 for the first" +
        " name of a certificate. Give a shorter one, and this one among `alternativeDomainNames`, or bring a certificate of your own as" +
        " `certificateArn`.",
      ["domainName"],
    ],
    [
      34,
      "a name that nobody certifies",
      { ...NAMED, domainName: "localhost", hostedZoneId: ZONE },
      "`domainName` has `localhost`, for which nobody issues a certificate; give a name in full, such as `mcp.example.com`.",
      ["domainName"],
    ],
    [
      34,
      "a name twice, in two ways of writing",
      { ...NAMED, alternativeDomainNames: ["MCP.example.com"], hostedZoneId: ZONE },
      "`alternativeDomainNames` has `MCP.example.com`, which is among the names already. Leave it out.",
      ["domainName"],
    ],
  ]),
  ...serviceMistakes([
    [
      31,
      "calls longer than a deregistration",
      { longestCallSeconds: 3601 },
      "`longestCallSeconds` is 3601; give a whole number of seconds from 1 to 3600.",
      ["longestCallSeconds"],
    ],
    [
      32,
      "a path too long for a rule",
      { path: `/${"a".repeat(89)}` },
      "`path` is `/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`; give segments of letters," +
        " digits and `._-`, each after a slash, 89 characters at most, such as `/mcp` or `/weather/mcp`.",
    ],
    [
      32,
      "a path with a wildcard",
      { path: "/*" },
      "`path` is `/*`; give segments of letters, digits and `._-`, each after a slash, 89 characters at most, such as `/mcp` or" +
        " `/weather/mcp`.",
    ],
    [
      32,
      "a host name too long for a rule",
      { hostName: `${"a".repeat(60)}.${"b".repeat(60)}.example.com` },
      "`hostName` is" +
        " `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.example.com`;" +
        " a load balancer's rule takes at most 128 characters, with a dot, and letters after the last one. Give such a name, or tell services" +
        " apart by `path`.",
    ],
    [
      32,
      "a host name without a dot",
      { hostName: "localhost" },
      "`hostName` is `localhost`; a load balancer's rule takes at most 128 characters, with a dot, and letters after the last one. Give such" +
        " a name, or tell services apart by `path`.",
    ],
  ]),
  {
    rule: 28,
    what: "two subnets of one zone",
    program: () => new McpPlatform("mcp", { vpc: VPC, exposure: Exposure.Internal }),
    answers: {
      "aws:ec2/getSubnet:getSubnet": ({ id }) => ({
        id,
        availabilityZoneId: "use1-az1",
        cidrBlock: "10.0.0.0/24",
      }),
    },
    sentence:
      "McpPlatform: `vpc.privateSubnetIds` has `subnet-0123456789abcdef0` and `subnet-0123456789abcdef1`, both in the zone use1-az1; a load" +
      " balancer takes one subnet of a zone, and two zones or more. Leave one of them out, or give one in another zone.",
  },
  {
    rule: 28,
    what: "public subnets that are too small",
    program: () =>
      new McpPlatform("mcp", {
        ...NAMED,
        hostedZoneId: ZONE,
        vpc: { ...VPC, publicSubnetIds: ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"] },
      }),
    answers: {
      "aws:ec2/getSubnet:getSubnet": ({ id }) => ({
        id,
        availabilityZoneId: `az of ${String(id)}`,
        cidrBlock: "10.0.0.0/28",
      }),
    },
    sentence:
      "McpPlatform: `vpc.publicSubnetIds` has `subnet-0123456789abcdef2`, whose addresses are `10.0.0.0/28`: a load balancer needs a /27 or a" +
      " larger block, so that it can grow. Give a larger subnet.",
  },
  {
    rule: 32,
    what: "two services at one place",
    program: () => {
      const { handle } = new McpPlatform("mcp");
      service("weather", "/mcp", handle);
      service("notes", "/mcp", handle);
    },
    sentence:
      "McpService: `notes` and `weather` share a platform, and the rule priority 47988 of the path `/mcp`. Give one of them another `path`," +
      " such as `/notes/mcp`.",
  },
  {
    rule: 32,
    what: "more target groups than a load balancer takes",
    program: () => {
      const platform = { ...HANDLE };
      for (let index = 0; index < 100; index += 1)
        claimPlace(`service-${index}`, platform, { path: `/${index}/mcp` });
      service("weather", "/mcp", platform);
    },
    sentence:
      "McpService: `weather` is one too many for its platform: a load balancer takes 100 target groups, and there are 100 already, one of" +
      " each service and two of each that shifts traffic. Give it another platform.",
  },
];
