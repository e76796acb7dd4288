import type * as pulumi from "@pulumi/pulumi";
import { ArgumentError, check, hostName } from "../validation.ts";

/** Who can reach the services, and under which address. */
export const Exposure = {
  /** Everybody, over HTTPS at an address that CloudFront gives; the load balancer itself stays private. No domain is needed. */
  Assigned: "assigned",
  /** Everybody, over HTTPS at `domainName`. */
  Domain: "domain",
  /** Only callers inside the VPC. HTTP, or HTTPS where `domainName` has a certificate. */
  Internal: "internal",
} as const;
export type Exposure = (typeof Exposure)[keyof typeof Exposure];

/** What decides under which address the services are reached. */
export interface ExposureArgs {
  readonly exposure: Exposure;
  readonly domainName: pulumi.Input<string> | undefined;
  readonly alternativeDomainNames: readonly string[] | undefined;
  readonly certificateArn: pulumi.Input<string> | undefined;
  readonly hostedZoneId: pulumi.Input<string> | undefined;
  readonly idleTimeoutSeconds: pulumi.Input<number>;
}

const DOMAIN_ARGUMENTS = [
  "domainName",
  "alternativeDomainNames",
  "certificateArn",
  "hostedZoneId",
] as const;

/** Refuses a public listener without TLS, and names, certificates and zones that do not belong together. */
export function checkExposure(component: string, args: ExposureArgs): void {
  if (args.exposure === Exposure.Assigned) checkAssigned(component, args);
  else checkNamed(component, args);
  check(args.domainName, hostName(component, "domainName"));
  checkAlternatives(component, args);
  if (args.hostedZoneId !== undefined && args.certificateArn === undefined)
    checkCertified(component, args);
  check(args.certificateArn, (arn) => {
    // A listener takes certificates of ACM and, where ACM is not to be had, of IAM (ELB guide, "Certificates").
    if (
      /^arn:[^:]+:(?:acm:[^:]+:\d{12}:certificate|iam::\d{12}:server-certificate)\/\S+$/u.test(arn)
    )
      return;
    throw new ArgumentError(
      component,
      `\`certificateArn\` is \`${arn}\`; give the ARN of an issued ACM certificate, such as` +
        " `arn:aws:acm:us-east-1:123456789012:certificate/…`.",
    );
  });
  check(args.hostedZoneId, (id) => {
    if (/^Z[A-Z0-9]{1,31}$/u.test(id)) return;
    throw new ArgumentError(
      component,
      `\`hostedZoneId\` is \`${id}\`; give the id of a public Route 53 hosted zone, such as \`Z0123456789ABCDEFGHIJ\`, without \`/hostedzone/\`.`,
    );
  });
}

function checkAssigned(component: string, args: ExposureArgs): void {
  const given = DOMAIN_ARGUMENTS.filter((argument) => args[argument] !== undefined);
  if (given.length > 0) {
    throw new ArgumentError(
      component,
      `${list(given)} ${given.length === 1 ? "is" : "are"} given, but \`exposure\` is \`assigned\`, where CloudFront gives the address. Set \`exposure\`` +
        ` to \`domain\`, or to \`internal\` for callers inside the VPC alone, or leave ${given.length === 1 ? "it" : "them"} out.`,
    );
  }
  check(args.idleTimeoutSeconds, (seconds) => {
    // CloudFront's waits are whole seconds, from 1, and shorter than the load balancer's.
    if (seconds !== 1) return;
    throw new ArgumentError(
      component,
      "`idleTimeoutSeconds` is 1, but CloudFront must let connections go before the load balancer does, and waits at least a second. Give 2 or more.",
    );
  });
}

function checkNamed(component: string, args: ExposureArgs): void {
  const { exposure, domainName, certificateArn, hostedZoneId } = args;
  const certified = certificateArn !== undefined || hostedZoneId !== undefined;
  if (exposure === Exposure.Domain && (domainName === undefined || !certified)) {
    const missing = [
      ...(domainName === undefined ? ["`domainName`"] : []),
      ...(certified ? [] : ["`hostedZoneId` (or `certificateArn`)"]),
    ];
    throw new ArgumentError(
      component,
      `\`exposure\` is \`domain\`, but ${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} missing: a public listener without TLS would` +
        " show every token to the network. Give the domain name, and its hosted zone in Route 53 or an issued ACM certificate for it in the same" +
        " region; or set `exposure` to `assigned`, which needs neither, or to `internal`.",
    );
  }
  if (domainName !== undefined && !certified) {
    throw new ArgumentError(
      component,
      "`domainName` is given without `hostedZoneId` and `certificateArn`: HTTPS under a name needs a certificate for it. Give the name's hosted zone" +
        " in Route 53 or an issued ACM certificate, or leave the name out.",
    );
  }
  const nameless = DOMAIN_ARGUMENTS.slice(1).filter((argument) => args[argument] !== undefined);
  if (domainName === undefined && nameless.length > 0) {
    throw new ArgumentError(
      component,
      `${list(nameless)} ${nameless.length === 1 ? "is" : "are"} given without \`domainName\`, the name that clients use. Give it, or leave` +
        ` ${nameless.length === 1 ? "it" : "them"} out.`,
    );
  }
}

function checkAlternatives(component: string, args: ExposureArgs): void {
  const names = args.alternativeDomainNames ?? [];
  for (const name of names) {
    hostName(component, "alternativeDomainNames")(name.replace(/^\*\./u, ""));
  }
  check(args.domainName, (domainName) => {
    refuseTwice(component, [domainName, ...names]);
  });
  refuseTwice(component, names);
  if (names.length > 9 && args.certificateArn === undefined) {
    throw new ArgumentError(
      component,
      `\`alternativeDomainNames\` has ${names.length} names, but ACM takes ten on one certificate, \`domainName\` included. Use a wildcard such as` +
        " `*.mcp.example.com`, or bring a certificate of your own as `certificateArn`.",
    );
  }
}

/** DNS does not tell capital letters from small ones: a zone would have two records of one name. */
function refuseTwice(component: string, names: readonly string[]): void {
  const known = names.map((name) => name.toLowerCase());
  const twice = names.find((_, index) => known.indexOf(known[index] ?? "") !== index);
  if (twice === undefined) return;
  throw new ArgumentError(
    component,
    `\`alternativeDomainNames\` has \`${twice}\`, which is among the names already. Leave it out.`,
  );
}

/** The longest name that ACM makes the common name of a certificate (API RequestCertificate). */
const LONGEST_COMMON_NAME = 64;

/** Refuses names that ACM puts on no certificate. */
function checkCertified(component: string, args: ExposureArgs): void {
  const dotted = (argument: string) => (name: string) => {
    if (name.includes(".")) return;
    throw new ArgumentError(
      component,
      `\`${argument}\` has \`${name}\`, for which nobody issues a certificate; give a name in full, such as \`mcp.example.com\`.`,
    );
  };
  check(args.domainName, dotted("domainName"));
  for (const name of args.alternativeDomainNames ?? []) dotted("alternativeDomainNames")(name);
  check(args.domainName, (name) => {
    if (name.length <= LONGEST_COMMON_NAME) return;
    throw new ArgumentError(
      component,
      `\`domainName\` is \`${name}\`, ${name.length} characters long; ACM takes ${LONGEST_COMMON_NAME} for the first name of a certificate. Give a shorter` +
        " one, and this one among `alternativeDomainNames`, or bring a certificate of your own as `certificateArn`.",
    );
  });
}

function list(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(" and ");
}
