import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import {
  AuthMode,
  DeploymentStrategy,
  Exposure,
  McpPlatform,
  McpServer,
  McpService,
  NatGateways,
} from "../../../infra/index.ts";
import { deploy } from "../mocks.ts";
import { at, type Graph, type Values } from "./graph.ts";
import { violations } from "./invariants.ts";

const TASK = "aws:ecs/taskDefinition:TaskDefinition";
const SERVICE = "aws:ecs/service:Service";
const GROUP = "aws:lb/targetGroup:TargetGroup";
const BALANCER = "aws:lb/loadBalancer:LoadBalancer";
const LISTENER = "aws:lb/listener:Listener";
const RULE = "aws:lb/listenerRule:ListenerRule";
const CLOUDFRONT = "aws:cloudfront/distribution:Distribution";
const ORIGIN = "aws:cloudfront/vpcOrigin:VpcOrigin";
const ACL = "aws:wafv2/webAcl:WebAcl";
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";

/** The inputs with one of them changed. */
function changed(
  value: unknown,
  [step, ...rest]: readonly (string | number)[],
  to: unknown,
): unknown {
  if (step === undefined) return to;
  const inner = changed(at(value, step), rest, to);
  if (Array.isArray(value))
    return value.map((item: unknown, index) => (index === step ? inner : item));
  return { ...(value as Values), [step]: inner };
}

/** The graph with one input of the first resource of a type spoilt; below `containerDefinitions` inside its JSON. */
function spoilt(
  graph: Graph,
  type: string,
  path: readonly (string | number)[],
  to: unknown,
): Graph {
  const index = graph.findIndex((resource) => resource.type === type);
  assert.ok(index >= 0, type);
  return graph.map((resource, position) => {
    if (position !== index) return resource;
    const { inputs } = resource;
    const [key, ...rest] = path;
    if (key !== "containerDefinitions")
      return { ...resource, inputs: changed(inputs, path, to) as Values };
    const containers = changed(JSON.parse(String(inputs[key])), rest, to);
    return { ...resource, inputs: { ...inputs, [key]: JSON.stringify(containers) } };
  });
}

const container = (...path: readonly (string | number)[]) => ["containerDefinitions", 0, ...path];

/** Rule, type, input and the value that AWS would refuse. */
const SPOILT: readonly (readonly [number, string, readonly (string | number)[], unknown])[] = [
  [1, TASK, ["memory"], "4097"],
  [2, TASK, ["ephemeralStorage"], { sizeInGib: 20 }],
  [3, TASK, container("resourceRequirements"), [{ type: "GPU", value: "1" }]],
  [4, TASK, container("stopTimeout"), 121],
  [5, TASK, container("cpu"), 2048],
  [5, TASK, container("memory"), 1_000_000],
  [6, TASK, container("essential"), false],
  [6, TASK, container("name"), "a server"],
  [7, TASK, container("healthCheck", "interval"), 4],
  [7, TASK, container("healthCheck", "startPeriod"), 301],
  [9, SERVICE, ["loadBalancers", 0, "containerPort"], 81],
  [9, GROUP, ["targetType"], "instance"],
  [10, TASK, container("portMappings", 0, "hostPort"), 81],
  [11, SERVICE, ["launchType"], "FARGATE"],
  [12, SERVICE, ["capacityProviderStrategies"], [{ capacityProvider: "FARGATE", weight: 0 }]],
  [12, SERVICE, ["capacityProviderStrategies", 0, "capacityProvider"], "mine"],
  [16, SERVICE, ["orderedPlacementStrategies"], [{ type: "random" }]],
  [17, SERVICE, ["deploymentMaximumPercent"], 100],
  [18, SERVICE, ["deploymentMaximumPercent"], 120],
  [19, SERVICE, ["deploymentCircuitBreaker", "enable"], true],
  [19, SERVICE, ["deploymentConfiguration", "bakeTimeInMinutes"], "1441"],
  [19, SERVICE, ["deploymentConfiguration", "canaryConfiguration", "canaryPercent"], 0.05],
  [20, RULE, ["actions", 0, "forward", "targetGroups"], []],
  [20, SERVICE, ["loadBalancers", 0, "advancedConfiguration", "roleArn"], ""],
  [22, TASK, container("mountPoints"), []],
  [23, "aws:appautoscaling/target:Target", ["minCapacity"], 21],
  [25, ALARM, ["period"], 30],
  [26, ALARM, ["metricQueries", 0, "returnData"], false],
  [26, ALARM, ["metricQueries", 0, "id"], "Worst"],
  [27, GROUP, ["name"], "-weather"],
  [27, BALANCER, ["name"], "internal-mcp"],
  [28, BALANCER, ["subnets"], ["subnet-a", "subnet-a"]],
  [29, BALANCER, ["ipAddressType"], "dualstack-without-public-ipv4"],
  [30, GROUP, ["slowStart"], 29],
  [30, GROUP, ["loadBalancingAnomalyMitigation"], "on"],
  [31, GROUP, ["deregistrationDelay"], 3601],
  [31, BALANCER, ["idleTimeout"], 4001],
  [32, RULE, ["priority"], 50_001],
  [32, RULE, ["conditions", 0, "pathPattern", "values"], ["/1", "/2", "/3", "/4", "/5", "/6"]],
  [32, RULE, ["conditions", 0, "pathPattern", "values"], [`/${"a".repeat(128)}`]],
  [33, RULE, ["actions", 0, "type"], "jwt-validation"],
  [34, LISTENER, ["protocol"], "HTTPS"],
  [35, LISTENER, ["defaultActions", 0, "fixedResponse", "messageBody"], "x".repeat(1025)],
  [36, CLOUDFRONT, ["defaultCacheBehavior", "allowedMethods"], ["GET", "POST", "HEAD", "PUT"]],
  [36, CLOUDFRONT, ["origins", 0, "responseCompletionTimeout"], 1],
  [36, CLOUDFRONT, ["origins", 0, "connectionTimeout"], 11],
  [37, CLOUDFRONT, ["aliases"], ["mcp.example.com"]],
  [38, ORIGIN, ["vpcOriginEndpointConfig", "originSslProtocols"], undefined],
  [40, ACL, ["scope"], "REGIONAL"],
  [41, ACL, ["rules", 1, "priority"], 0],
  [41, ACL, ["rules", 0, "name"], "rate limit"],
  [41, ACL, ["rules", 0, "statement", "rateBasedStatement", "limit"], 9],
  [45, "aws:secretsmanager/secret:Secret", ["recoveryWindowInDays"], 6],
  [45, "aws:secretsmanager/secret:Secret", ["name"], "weather-abcdef"],
  [46, TASK, container("secrets", 0, "valueFrom"), "arn:aws:secretsmanager:r:1:secret:a:key"],
  [47, "aws:iam/role:Role", ["name"], "r".repeat(65)],
  [47, "aws:cloudwatch/logGroup:LogGroup", ["retentionInDays"], 2],
  [48, "awsx:ecr:Repository", ["imageTagMutability"], "IMMUTABLE"],
  [49, "awsx:ec2:Vpc", ["enableDnsHostnames"], false],
  [51, "awsx:ec2:Vpc", ["availabilityZoneNames"], ["us-east-1a"]],
  [52, TASK, container("logConfiguration", "options", "awslogs-group"), ""],
  [52, TASK, container("secrets", 0, "name"), "PORT"],
  [53, "aws:ec2/vpcEndpoint:VpcEndpoint", ["serviceName"], "com.amazonaws.us-east-1.ssm"],
  [56, TASK, container("environment", 0, "value"), "x".repeat(65_536)],
];

const PROVIDER = "aws:ecs/capacityProvider:CapacityProvider";
const GROUP_OF_INSTANCES = "aws:autoscaling/group:Group";

/** A resource that no program of ours declares. */
function resource(type: string, inputs: Values): Graph[number] {
  return { urn: `planted::${type}`, type, name: "planted", inputs } as Graph[number];
}

const scaled = { autoScalingGroupArn: "arn:aws:autoscaling:r:1:planted" };
const tracked = {
  resourceId: "service/mcp/weather",
  targetTrackingScalingPolicyConfiguration: {
    predefinedMetricSpecification: { predefinedMetricType: "ALBRequestCountPerTarget" },
  },
};
const stepped = (...bounds: readonly (readonly [unknown, unknown])[]): Values => ({
  stepScalingPolicyConfiguration: {
    stepAdjustments: bounds.map(([metricIntervalLowerBound, metricIntervalUpperBound]) => ({
      metricIntervalLowerBound,
      ...(metricIntervalUpperBound === undefined ? {} : { metricIntervalUpperBound }),
    })),
  },
});
const ingress = (prefixListId: string): Graph[number] =>
  resource("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", {
    securityGroupId: "sg-1",
    prefixListId,
  });
const POLICY = "aws:appautoscaling/policy:Policy";

/** Rule, and resources with which AWS would refuse a graph. */
const PLANTED: readonly (readonly [number, string, Graph])[] = [
  [13, "a provider's name", [resource(PROVIDER, { name: "ecs-gpu" })]],
  [
    14,
    "protection without scaling",
    [
      resource(PROVIDER, {
        autoScalingGroupProvider: { ...scaled, managedTerminationProtection: "ENABLED" },
      }),
    ],
  ],
  [
    15,
    "two providers of a group",
    [1, 2].map(() => resource(PROVIDER, { autoScalingGroupProvider: scaled })),
  ],
  [
    15,
    "an instance weight",
    [
      resource(PROVIDER, { autoScalingGroupProvider: scaled }),
      resource(GROUP_OF_INSTANCES, {
        mixedInstancesPolicy: { launchTemplate: { overrides: [{ weightedCapacity: "2" }] } },
      }),
    ],
  ],
  [21, "requests of one group", [resource(POLICY, tracked)]],
  [24, "a gap between steps", [resource(POLICY, stepped(["0", "1"], ["2", undefined]))]],
  [24, "a step of nothing", [resource(POLICY, stepped(["0", "0"], ["0", undefined]))]],
  [24, "a bound that is a number", [resource(POLICY, stepped([0, undefined]))]],
  [39, "two rules for CloudFront", [ingress("pl-1"), ingress("pl-2")]],
  [
    50,
    "a regional gateway in a subnet",
    [
      resource("aws:ec2/natGateway:NatGateway", {
        availabilityMode: "regional",
        vpcId: "vpc-1",
        subnetId: "subnet-1",
      }),
    ],
  ],
  [54, "no cluster", [resource(PROVIDER, { managedInstancesProvider: {} })]],
];

describe("GIVEN a graph that AWS would take WHEN one input is spoilt THEN the invariants name the rule", () => {
  let graph: Graph = [];
  before(async () => {
    const declaration = await deploy(() => {
      const { handle } = new McpPlatform("mcp", {
        exposure: Exposure.Assigned,
        natGateways: NatGateways.None,
        interfaceEndpoints: ["ssmmessages", "xray"],
        webAcl: {},
      });
      new McpService("weather", {
        platform: handle,
        server: McpServer.Weather,
        deploymentStrategy: DeploymentStrategy.Canary,
        targetOngoingRequests: 20,
        burstScaling: false,
        enableExecuteCommand: true,
        auth: { mode: AuthMode.StaticToken },
        collectorImage: `123456789012.dkr.ecr.us-east-1.amazonaws.com/adot@sha256:${"0".repeat(64)}`,
      });
    });
    graph = declaration.resources;
  });

  test("unspoilt", () => {
    assert.deepEqual(violations(graph), []);
  });

  for (const [rule, type, path, to] of SPOILT) {
    test(`rule ${rule}: ${path.join(".")}`, () => {
      const rules = violations(spoilt(graph, type, path, to)).map((violation) => violation.rule);
      assert.ok(rules.includes(rule), String(rules));
    });
  }

  for (const [rule, what, resources] of PLANTED) {
    test(`rule ${rule}: ${what}`, () => {
      const rules = violations([...graph, ...resources]).map((violation) => violation.rule);
      assert.ok(rules.includes(rule), String(rules));
    });
  }
});
