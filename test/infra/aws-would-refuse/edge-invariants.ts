/** What holds of CloudFront, WAF and the security groups before the load balancer. */
import {
  at,
  broken,
  listAt,
  numberAt,
  ofType,
  textAt,
  twice,
  within,
  type Graph,
  type Violation,
} from "./graph.ts";

const DISTRIBUTION = "aws:cloudfront/distribution:Distribution";
const INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";

/** Rules 36, 37 and 38. */
export function* distributionInvariants(graph: Graph): Iterable<Violation> {
  for (const distribution of ofType(graph, DISTRIBUTION)) {
    const { inputs } = distribution;
    for (const key of ["allowedMethods", "cachedMethods"]) {
      const methods = listAt(inputs, "defaultCacheBehavior", key);
      if (![2, 3, 7].includes(methods.length)) yield broken(36, distribution, key);
    }
    for (const origin of listAt(inputs, "origins")) {
      const config = at(origin, "vpcOriginConfig");
      const completion = at(origin, "responseCompletionTimeout");
      if (
        !within(at(config, "originReadTimeout"), 1, 120) ||
        !within(at(config, "originKeepaliveTimeout"), 1, 120) ||
        !within(at(origin, "connectionAttempts"), 1, 3) ||
        !within(at(origin, "connectionTimeout"), 1, 10) ||
        Number(completion ?? Infinity) < numberAt(config, "originReadTimeout")
      )
        yield broken(36, distribution, "an origin's waits");
    }
    const certificate = at(inputs, "viewerCertificate");
    if (
      at(certificate, "cloudfrontDefaultCertificate") === true &&
      (listAt(inputs, "aliases").length > 0 ||
        at(certificate, "minimumProtocolVersion") !== undefined)
    )
      yield broken(37, distribution, "names of one's own");
  }
  for (const origin of ofType(graph, "aws:cloudfront/vpcOrigin:VpcOrigin")) {
    const config = at(origin.inputs, "vpcOriginEndpointConfig");
    for (const key of ["httpPort", "httpsPort", "originProtocolPolicy", "originSslProtocols"])
      if (at(config, key) === undefined) yield broken(38, origin, `no ${key}`);
  }
}

/** Rule 39; others are as many as a security group takes. */
export function* ingressInvariants(graph: Graph): Iterable<Violation> {
  const rules = ofType(graph, INGRESS);
  const groups = new Set(rules.map(({ inputs }) => textAt(inputs, "securityGroupId")));
  for (const group of groups) {
    const own = rules.filter(({ inputs }) => inputs["securityGroupId"] === group);
    // What CloudFront's list counts as.
    const weight = own.reduce(
      (sum, { inputs }) => sum + (inputs["prefixListId"] === undefined ? 1 : 55),
      0,
    );
    const [rule] = own;
    if (rule !== undefined && weight > 60) yield broken(39, rule, `${weight} rules`);
  }
}

/** Rules 40 and 41. */
export function* webAclInvariants(graph: Graph): Iterable<Violation> {
  for (const acl of ofType(graph, "aws:wafv2/webAcl:WebAcl")) {
    const { inputs } = acl;
    const edge = inputs["scope"] === "CLOUDFRONT";
    const associated = ofType(graph, "aws:wafv2/webAclAssociation:WebAclAssociation").length > 0;
    const distributed = ofType(graph, DISTRIBUTION).some(
      (distribution) => distribution.inputs["webAclId"] !== undefined,
    );
    if (edge !== (inputs["region"] === "us-east-1")) yield broken(40, acl, "a region");
    if (edge === associated || edge !== distributed) yield broken(40, acl, "a place");
    const rules = listAt(inputs, "rules");
    if (twice(rules.map(({ priority }) => priority)).length > 0)
      yield broken(41, acl, "a priority twice");
    for (const rule of rules) {
      if (!/^[\w-]{1,128}$/u.test(textAt(rule, "name"))) yield broken(41, acl, "a name");
      if (!/^[\w-]{1,255}$/u.test(textAt(rule, "visibilityConfig", "metricName")))
        yield broken(41, acl, "a metric's name");
      const rate = at(rule, "statement", "rateBasedStatement");
      if (rate === undefined) continue;
      if (!within(at(rate, "limit"), 10, 2_000_000_000)) yield broken(41, acl, "a limit");
      if (![60, 120, 300, 600].includes(numberAt(rate, "evaluationWindowSec")))
        yield broken(41, acl, "a window");
    }
  }
}
