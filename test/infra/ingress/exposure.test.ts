import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { checkExposure, Exposure, type ExposureArgs } from "../../../infra/ingress/exposure.ts";
import { arn, assertRefused, rejectionsOf } from "../mocks.ts";

const CERTIFICATE = arn("acm", "certificate/0b5c");
const ZONE = "Z0123456789ABCDEFGHIJ";

function checked(args: Partial<ExposureArgs>): () => void {
  return () => {
    checkExposure("McpPlatform", {
      exposure: Exposure.Assigned,
      domainName: undefined,
      alternativeDomainNames: undefined,
      certificateArn: undefined,
      hostedZoneId: undefined,
      idleTimeoutSeconds: 60,
      ...args,
    });
  };
}

const refused = (args: Partial<ExposureArgs>, sentence: string): void => {
  assertRefused(checked(args), `McpPlatform: ${sentence}`);
};

test("GIVEN each exposure with what it needs WHEN it is checked THEN it passes", () => {
  const { Assigned, Domain, Internal } = Exposure;
  checked({ exposure: Assigned })();
  checked({ exposure: Assigned, idleTimeoutSeconds: 2 })();
  checked({ exposure: Internal })();
  for (const exposure of [Domain, Internal]) {
    for (const proof of [
      { certificateArn: CERTIFICATE },
      { hostedZoneId: ZONE },
      { certificateArn: CERTIFICATE, hostedZoneId: ZONE },
      { certificateArn: "arn:aws:iam::123456789012:server-certificate/mcp" },
    ]) {
      checked({ exposure, domainName: "mcp.example.com", ...proof })();
    }
  }
  checked({
    exposure: Domain,
    domainName: "mcp.example.com",
    alternativeDomainNames: ["*.mcp.example.com", "tools.example.com"],
    hostedZoneId: ZONE,
  })();
});

test("GIVEN an assigned address and names of one's own WHEN they are checked THEN they are refused: CloudFront gives the address", () => {
  refused(
    { domainName: "mcp.example.com", certificateArn: CERTIFICATE },
    "`domainName` and `certificateArn` are given, but `exposure` is `assigned`, where CloudFront gives the address. Set `exposure` to `domain`, or to" +
      " `internal` for callers inside the VPC alone, or leave them out.",
  );
  refused(
    { hostedZoneId: ZONE },
    "`hostedZoneId` is given, but `exposure` is `assigned`, where CloudFront gives the address. Set `exposure` to `domain`, or to `internal` for callers" +
      " inside the VPC alone, or leave it out.",
  );
});

test("GIVEN an assigned address and an idle timeout of a second WHEN it is checked THEN it is refused: CloudFront's must be shorter", () => {
  refused(
    { idleTimeoutSeconds: 1 },
    "`idleTimeoutSeconds` is 1, but CloudFront must let connections go before the load balancer does, and waits at least a second. Give 2 or more.",
  );
});

test("GIVEN public exposure without name or certificate WHEN it is checked THEN it is refused: no plaintext in public", () => {
  const wayOut =
    " missing: a public listener without TLS would show every token to the network. Give the domain name, and its hosted zone in Route 53 or an" +
    " issued ACM certificate for it in the same region; or set `exposure` to `assigned`, which needs neither, or to `internal`.";
  const missing = (args: Partial<ExposureArgs>, what: string): void => {
    refused(
      { exposure: Exposure.Domain, ...args },
      `\`exposure\` is \`domain\`, but ${what}${wayOut}`,
    );
  };

  missing({}, "`domainName` and `hostedZoneId` (or `certificateArn`) are");
  missing({ certificateArn: CERTIFICATE }, "`domainName` is");
  missing({ hostedZoneId: ZONE }, "`domainName` is");
  missing({ domainName: "mcp.example.com" }, "`hostedZoneId` (or `certificateArn`) is");
});

test("GIVEN an internal load balancer with half of what TLS needs WHEN it is checked THEN it is refused", () => {
  const exposure = Exposure.Internal;
  refused(
    { exposure, domainName: "mcp.example.com" },
    "`domainName` is given without `hostedZoneId` and `certificateArn`: HTTPS under a name needs a certificate for it. Give the name's hosted zone in" +
      " Route 53 or an issued ACM certificate, or leave the name out.",
  );
  refused(
    { exposure, certificateArn: CERTIFICATE },
    "`certificateArn` is given without `domainName`, the name that clients use. Give it, or leave it out.",
  );
  refused(
    { exposure, alternativeDomainNames: ["a.example.com"], hostedZoneId: ZONE },
    "`alternativeDomainNames` and `hostedZoneId` are given without `domainName`, the name that clients use. Give it, or leave them out.",
  );
});

test("GIVEN domain names that are no host names WHEN they are checked THEN each is refused", () => {
  for (const unfit of ["https://a.example.com", "a.example.com/mcp", "a.example.com:8443", ""]) {
    const sentence = `has \`${unfit}\`; give a host name without scheme, port and path, such as \`mcp.example.com\`.`;
    for (const exposure of [Exposure.Domain, Exposure.Internal]) {
      refused(
        { exposure, domainName: unfit, certificateArn: CERTIFICATE },
        `\`domainName\` ${sentence}`,
      );
      refused(
        {
          exposure,
          domainName: "mcp.example.com",
          alternativeDomainNames: [unfit],
          certificateArn: CERTIFICATE,
        },
        `\`alternativeDomainNames\` ${sentence}`,
      );
    }
  }
});

test("GIVEN a name twice, or more than a certificate takes WHEN they are checked THEN they are refused", () => {
  const named = { exposure: Exposure.Domain, domainName: "mcp.example.com" };
  refused(
    { ...named, hostedZoneId: ZONE, alternativeDomainNames: ["mcp.example.com"] },
    "`alternativeDomainNames` has `mcp.example.com`, which is among the names already. Leave it out.",
  );
  const ten = Array.from({ length: 10 }, (_, index) => `s${index}.example.com`);
  refused(
    { ...named, hostedZoneId: ZONE, alternativeDomainNames: ten },
    "`alternativeDomainNames` has 10 names, but ACM takes ten on one certificate, `domainName` included. Use a wildcard such as `*.mcp.example.com`," +
      " or bring a certificate of your own as `certificateArn`.",
  );
  checked({ ...named, certificateArn: CERTIFICATE, alternativeDomainNames: ten })();
});

test("GIVEN what is no ARN of a certificate, or no id of a zone WHEN it is checked THEN it is refused", () => {
  const named = { exposure: Exposure.Domain, domainName: "mcp.example.com" };
  for (const certificateArn of ["0b5c", "arn:aws:s3:::bucket", arn("acm", "certificate/")]) {
    refused(
      { ...named, certificateArn },
      `\`certificateArn\` is \`${certificateArn}\`; give the ARN of an issued ACM certificate, such as \`arn:aws:acm:us-east-1:123456789012:certificate/…\`.`,
    );
  }
  for (const hostedZoneId of ["example.com", `/hostedzone/${ZONE}`, "z123", ""]) {
    refused(
      { ...named, hostedZoneId },
      `\`hostedZoneId\` is \`${hostedZoneId}\`; give the id of a public Route 53 hosted zone, such as \`Z0123456789ABCDEFGHIJ\`, without \`/hostedzone/\`.`,
    );
  }
});

test("GIVEN a name that ACM puts first on no certificate WHEN it is checked THEN it is refused, unless there is a certificate", () => {
  const exposure = Exposure.Domain;
  const fits = `${"a".repeat(52)}.example.com`;
  const long = `a${fits}`;
  checked({ exposure, domainName: fits, hostedZoneId: ZONE })();
  checked({ exposure, domainName: fits, alternativeDomainNames: [long], hostedZoneId: ZONE })();
  for (const domainName of [long, "mcp"])
    checked({ exposure, domainName, hostedZoneId: ZONE, certificateArn: CERTIFICATE })();
  refused(
    { exposure, domainName: long, hostedZoneId: ZONE },
    `\`domainName\` is \`${long}\`, 65 characters long; ACM takes 64 for the first name of a certificate. Give a shorter one, and this one among` +
      " `alternativeDomainNames`, or bring a certificate of your own as `certificateArn`.",
  );
  refused(
    { exposure, domainName: "mcp", hostedZoneId: ZONE },
    "`domainName` has `mcp`, for which nobody issues a certificate; give a name in full, such as `mcp.example.com`.",
  );
  refused(
    {
      exposure,
      domainName: "mcp.example.com",
      alternativeDomainNames: ["tools"],
      hostedZoneId: ZONE,
    },
    "`alternativeDomainNames` has `tools`, for which nobody issues a certificate; give a name in full, such as `mcp.example.com`.",
  );
});

test("GIVEN a name twice, in two ways of writing or as an output WHEN it is checked THEN it is refused: DNS sees one", async () => {
  const given = {
    exposure: Exposure.Domain,
    domainName: "mcp.example.com",
    alternativeDomainNames: ["MCP.example.com"],
    hostedZoneId: ZONE,
  };
  const sentence =
    "`alternativeDomainNames` has `MCP.example.com`, which is among the names already. Leave it out.";
  refused(given, sentence);
  assert.deepEqual(
    await rejectionsOf(checked({ ...given, domainName: pulumi.output("mcp.example.com") })),
    [`McpPlatform: ${sentence}`],
  );
});
