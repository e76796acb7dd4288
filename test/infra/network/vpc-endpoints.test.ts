import assert from "node:assert/strict";
import { test } from "node:test";
import {
  checkInterfaceEndpoints,
  createInterfaceEndpoints,
  createS3Endpoint,
} from "../../../infra/network/vpc-endpoints.ts";
import { assertRefused, deploy, valueOf } from "../mocks.ts";

const ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint";
const tags = { team: "blue" };

test("GIVEN services WHEN their endpoints are declared THEN they answer under the services' names in every subnet, to tasks alone", async () => {
  const declaration = await deploy(() =>
    createInterfaceEndpoints(
      "net",
      {
        vpcId: "vpc-1",
        subnetIds: ["subnet-a", "subnet-b"],
        services: ["ecr.api", "ssm"],
        region: "eu-west-1",
        tags,
      },
      {},
    ),
  );
  const https = { ipProtocol: "tcp", fromPort: 443, toPort: 443, tags };

  for (const service of ["ecr.api", "ssm"]) {
    assert.deepEqual(declaration.only(ENDPOINT, `net-${service}`).inputs, {
      vpcId: "vpc-1",
      serviceName: `com.amazonaws.eu-west-1.${service}`,
      vpcEndpointType: "Interface",
      privateDnsEnabled: true,
      subnetIds: ["subnet-a", "subnet-b"],
      securityGroupIds: ["net-endpoints-id"],
      tags,
    });
  }
  assert.deepEqual(
    declaration.only("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").inputs,
    {
      ...https,
      securityGroupId: "net-endpoints-id",
      referencedSecurityGroupId: "net-endpoint-clients-id",
      description: "HTTPS from tasks",
    },
  );
  assert.deepEqual(
    declaration.only("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule").inputs,
    {
      ...https,
      securityGroupId: "net-endpoint-clients-id",
      referencedSecurityGroupId: "net-endpoints-id",
      description: "HTTPS to AWS services",
    },
  );
  assert.equal(declaration.resources.length, 6);
  assert.equal(await valueOf(declaration.result), "net-endpoint-clients-id");
});

test("GIVEN a VPC WHEN the endpoint of S3 is declared THEN it is the kind that costs nothing, on the private routes", async () => {
  const declaration = await deploy(() => {
    createS3Endpoint(
      "net",
      { vpcId: "vpc-1", routeTableIds: ["rtb-a", "rtb-b"], region: "eu-west-1", tags },
      {},
    );
  });

  assert.deepEqual(declaration.only(ENDPOINT, "net-s3").inputs, {
    vpcId: "vpc-1",
    serviceName: "com.amazonaws.eu-west-1.s3",
    vpcEndpointType: "Gateway",
    routeTableIds: ["rtb-a", "rtb-b"],
    tags,
  });
});

const refused = (services: string[], sentence: string, present: string[] = []): void => {
  assertRefused(() => {
    checkInterfaceEndpoints("McpPlatform", services, present);
  }, `McpPlatform: \`interfaceEndpoints\` has ${sentence}`);
};

test("GIVEN short names of services WHEN they are checked THEN they pass", () => {
  checkInterfaceEndpoints("McpPlatform", undefined, ["logs"]);
  checkInterfaceEndpoints("McpPlatform", ["ssm", "bedrock-runtime", "ecr.api"], []);
  checkInterfaceEndpoints("McpPlatform", ["ssm", "xray"], ["logs"]);
});

test("GIVEN what has no interface endpoint of that name, or has one already WHEN it is checked THEN it is refused", () => {
  for (const unfit of ["com.amazonaws.us-east-1.ssm", "SSM", "ssm/", "", "ecr..api"]) {
    refused(
      [unfit],
      `\`${unfit}\`; give the short name of a service, such as \`ssm\` or \`bedrock-runtime\`: what follows \`com.amazonaws.<region>.\` in the name of its` +
        " endpoint.",
    );
  }
  refused(
    ["s3"],
    "`s3`, which tasks reach by the gateway endpoint that every platform's own VPC has, free of charge. Leave it out.",
  );
  refused(
    ["dynamodb"],
    "`dynamodb`, for which there are gateway endpoints, free of charge. Declare an `aws.ec2.VpcEndpoint` for it beside the platform.",
  );
  refused(["ssm", "ssm"], "`ssm`, which has an endpoint already. Leave it out.");
  refused(["logs"], "`logs`, which has an endpoint already. Leave it out.", ["logs"]);
});
