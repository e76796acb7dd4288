import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../tags.ts";

/** A name and the wildcard below it are validated by one record. */
export function validatedName(name: string): string {
  return name.replace(/^\*\./u, "").toLowerCase();
}

/** What to put into DNS so that ACM believes in a name. */
interface ValidationOption {
  readonly domainName: string;
  readonly resourceRecordName: string;
  readonly resourceRecordType: string;
  readonly resourceRecordValue: string;
}

/** A certificate, validated by records that stay, so that ACM renews it by itself. Its ARN is known once it is issued. */
export function createCertificate(
  name: string,
  args: {
    readonly domainName: pulumi.Input<string>;
    readonly alternativeDomainNames: readonly string[];
    readonly hostedZoneId: pulumi.Input<string>;
    readonly tags: Tags;
  },
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const certificate = new aws.acm.Certificate(
    name,
    {
      domainName: args.domainName,
      ...(args.alternativeDomainNames.length === 0
        ? {}
        : { subjectAlternativeNames: [...args.alternativeDomainNames] }),
      validationMethod: "DNS",
      tags: args.tags,
    },
    opts,
  );
  const main = typeof args.domainName === "string" ? validatedName(args.domainName) : undefined;
  const others = [...new Set(args.alternativeDomainNames.map(validatedName))].filter(
    (other) => other !== main,
  );
  const record = (
    suffix: string,
    isOurs: (option: ValidationOption) => boolean,
  ): aws.route53.Record => {
    const option = certificate.domainValidationOptions.apply((options) => {
      const found = options.find(isOurs);
      if (found === undefined) throw new Error("ACM names no validation record for a domain name.");
      return found;
    });
    return new aws.route53.Record(
      `${name}-${suffix}`,
      {
        zoneId: args.hostedZoneId,
        name: option.resourceRecordName,
        type: option.resourceRecordType,
        records: [option.resourceRecordValue],
        ttl: 60,
        // The record of a name is the same for every certificate of the account: another stack may have made it.
        allowOverwrite: true,
      },
      // That stack's certificate would not be renewed any more if the record went with this one.
      pulumi.mergeOptions(opts, { retainOnDelete: true }),
    );
  };
  const records = [
    record("validation", ({ domainName }) => !others.includes(validatedName(domainName))),
    ...others.map((other) =>
      record(`validation-${other}`, ({ domainName }) => validatedName(domainName) === other),
    ),
  ];
  return new aws.acm.CertificateValidation(
    name,
    {
      certificateArn: certificate.arn,
      validationRecordFqdns: records.map(({ fqdn }) => fqdn),
    },
    opts,
  ).certificateArn;
}
