import { ACCOUNT, byArn, type Answers } from "./names.ts";

/** Load balancers, and the ways to them. */
export const LOAD_BALANCING: Answers = {
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
  "aws:wafv2/webAcl:WebAcl": (names, { inputs }) => ({
    id: names.uuid(),
    outputs: {
      arn: names.arn(
        "wafv2",
        `${inputs["scope"] === "CLOUDFRONT" ? "global" : "regional"}/webacl/${names.physical}/${names.uuid()}`,
      ),
      name: names.physical,
    },
  }),
};

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

function afterAccount(arn: unknown): string {
  return String(arn).split(":").slice(5).join(":");
}
