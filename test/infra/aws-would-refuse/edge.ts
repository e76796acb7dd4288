/** Rules about CloudFront, WAF, logs and the network. */
import { AuthMode, Exposure, McpPlatform, McpService, NatGateways } from "../../../infra/index.ts";
import { answering } from "../mocks.ts";
import { platformMistakes, type Mistake } from "./rules.ts";

const VPC = {
  vpcId: "vpc-0123456789abcdef0",
  privateSubnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
};

export const EDGE_MISTAKES: readonly Mistake[] = [
  ...platformMistakes([
    [
      36,
      "a patience below CloudFront's",
      { idleTimeoutSeconds: 1 },
      "`idleTimeoutSeconds` is 1, but CloudFront must let connections go before the load balancer does, and waits at least a second. Give 2" +
        " or more.",
      ["idleTimeoutSeconds"],
    ],
    [
      37,
      "a name of one's own at CloudFront's address",
      { domainName: "mcp.example.com" },
      "`domainName` is given, but `exposure` is `assigned`, where CloudFront gives the address. Set `exposure` to `domain`, or to `internal`" +
        " for callers inside the VPC alone, or leave it out.",
      ["domainName"],
    ],
    [
      39,
      "more callers than a security group takes",
      {
        exposure: Exposure.Internal,
        vpc: { ...VPC, cidrBlocks: Array.from({ length: 61 }, (_, index) => `10.${index}.0.0/16`) },
      },
      "`vpc.cidrBlocks` has 61 networks; give 1 to 60, as many as a security group has rules, or leave it out to let the VPC call.",
    ],
    [
      41,
      "too low a limit",
      { webAcl: { rateLimit: 9 } },
      "`webAcl.rateLimit` is 9; give a whole number of requests from 10 to 2000000000.",
    ],
    [
      41,
      "a window that WAF does not know",
      { webAcl: { rateLimitWindowSeconds: 61 } },
      "`webAcl.rateLimitWindowSeconds` is 61; WAF counts over 60, 120, 300, 600 seconds alone. Give one of these.",
    ],
    [
      47,
      "a retention that CloudWatch Logs does not know",
      { logRetentionInDays: 2 },
      "`logRetentionInDays` is 2; CloudWatch Logs knows only 0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827," +
        " 2192, 2557, 2922, 3288, 3653 (0: for ever).",
      ["logRetentionInDays"],
    ],
    [51, "one zone", { zones: 1 }, "`zones` is 1; give a whole number from 2 to 4."],
  ]),
  {
    rule: 38,
    what: "a VPC without an internet gateway",
    program: () => new McpPlatform("mcp", { vpc: VPC }),
    answers: answering("aws:ec2/getInternetGateway:getInternetGateway", () => {
      throw Object.assign(new Error("invoke"), {
        details: "no matching EC2 Internet Gateway found",
      });
    }),
    sentence:
      "McpPlatform: `vpc.vpcId` is `vpc-0123456789abcdef0`, which has no internet gateway: CloudFront does not reach a VPC without one." +
      " Attach one, to which no route has to lead, or set `exposure` to `internal`.",
  },
  {
    rule: 38,
    what: "a zone that CloudFront does not reach",
    program: () => new McpPlatform("mcp", { vpc: VPC }),
    answers: answering("aws:ec2/getSubnet:getSubnet", ({ id }) => ({
      id,
      availabilityZoneId: String(id).endsWith("1") ? "use1-az3" : "use1-az1",
      cidrBlock: "10.0.0.0/24",
    })),
    sentence:
      "McpPlatform: `vpc.privateSubnetIds` has `subnet-0123456789abcdef1` in the zone use1-az3, where CloudFront cannot reach a load" +
      " balancer. Leave it out, or set `exposure` to `domain` or `internal`.",
  },
  {
    rule: 38,
    what: "a partition without VPC origins",
    program: () => new McpPlatform("mcp"),
    answers: answering("aws:index/getPartition:getPartition", () => ({ partition: "aws-cn" })),
    sentence:
      "McpPlatform: `exposure` is `assigned`, but CloudFront reaches no private load balancer in the partition aws-cn. Set it to `domain` or" +
      " `internal`.",
  },
  {
    rule: 53,
    what: "an image that no task could fetch",
    program: () => {
      const { handle } = new McpPlatform("mcp", { natGateways: NatGateways.None });
      new McpService("weather", {
        platform: handle,
        image: "ghcr.io/acme/tools@sha256:ab",
        auth: { mode: AuthMode.None },
        traceSamplePercent: 0,
      });
    },
    sentence:
      "McpService: `image` is `ghcr.io/acme/tools@sha256:ab`, but the platform's `natGateways` is `none`: its tasks reach no registry but" +
      " ECR. Copy the image there, or give `build`, or give the platform NAT gateways.",
  },
];
