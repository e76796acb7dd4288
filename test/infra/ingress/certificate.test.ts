import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { createCertificate } from "../../../infra/ingress/certificate.ts";
import { arn, deploy, valueOf } from "../mocks.ts";

const RECORD = "aws:route53/record:Record";

const certificate = (domainName: pulumi.Input<string>, alternativeDomainNames: string[] = []) =>
  deploy(() =>
    createCertificate(
      "edge",
      { domainName, alternativeDomainNames, hostedZoneId: "Z1", tags: { team: "blue" } },
      {},
    ),
  );

const recordOf = (base: string) => ({
  zoneId: "Z1",
  name: `_x.${base}.`,
  type: "CNAME",
  records: [`_y.${base}.acm.example.`],
  ttl: 60,
  allowOverwrite: true,
});

test("GIVEN a name WHEN its certificate is declared THEN a record proves it, and the ARN waits for the proof", async () => {
  const declaration = await certificate("mcp.example.com");

  assert.deepEqual(declaration.only("aws:acm/certificate:Certificate").inputs, {
    domainName: "mcp.example.com",
    validationMethod: "DNS",
    tags: { team: "blue" },
  });
  assert.deepEqual(declaration.only(RECORD, "edge-validation").inputs, recordOf("mcp.example.com"));
  assert.equal(declaration.only(RECORD, "edge-validation").retainOnDelete, true);
  const validation = declaration.only("aws:acm/certificateValidation:CertificateValidation");
  assert.deepEqual(validation.inputs, {
    certificateArn: arn("acm", "certificate/edge"),
    validationRecordFqdns: ["_x.mcp.example.com."],
  });
  assert.equal(await valueOf(declaration.result), arn("acm", "certificate/edge"));
});

test("GIVEN further names WHEN the certificate is declared THEN a name and its wildcard share a record, and every other name has one", async () => {
  const declaration = await certificate("mcp.example.com", [
    "*.mcp.example.com",
    "tools.example.org",
    "*.tools.example.org",
  ]);

  assert.deepEqual(
    declaration.only("aws:acm/certificate:Certificate").inputs["subjectAlternativeNames"],
    ["*.mcp.example.com", "tools.example.org", "*.tools.example.org"],
  );
  assert.deepEqual(
    declaration.inventory().filter((each) => each.startsWith(RECORD)),
    [`${RECORD} edge-validation`, `${RECORD} edge-validation-tools.example.org`],
  );
  assert.deepEqual(
    declaration.only(RECORD, "edge-validation-tools.example.org").inputs,
    recordOf("tools.example.org"),
  );
});

test("GIVEN a name that is an output WHEN the certificate is declared THEN its record is found all the same", async () => {
  const declaration = await certificate(pulumi.output("mcp.example.com"), ["a.example.com"]);

  assert.deepEqual(declaration.only(RECORD, "edge-validation").inputs, recordOf("mcp.example.com"));
  assert.deepEqual(
    declaration.only(RECORD, "edge-validation-a.example.com").inputs,
    recordOf("a.example.com"),
  );
});
