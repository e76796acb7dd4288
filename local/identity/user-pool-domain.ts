import { z } from "zod";
import { LocalError, type GraphResource } from "../graph/graph.ts";
import { inputsOf } from "../graph/inputs.ts";
import { domainOrigin, type UserPoolDomain } from "./user-pool.ts";

const domainInputs = z.object({
  domain: z.string(),
  certificateArn: z.string().optional(),
  managedLoginVersion: z.number().default(1),
});

/** A domain, and which sign-in pages it has: 1 are the classic ones, 2 the managed login. */
export interface DeclaredDomain extends UserPoolDomain {
  readonly managedLoginVersion: number;
}

/** Words that Cognito keeps for itself. */
const RESERVED = ["aws", "amazon", "cognito"];

/** @throws {LocalError} where Cognito would refuse the domain. */
export function readUserPoolDomain(resource: GraphResource, poolId: string): DeclaredDomain {
  const { domain, certificateArn, managedLoginVersion } = inputsOf(resource, domainInputs);
  if (domain.includes(".") !== (certificateArn !== undefined)) {
    throw new LocalError(
      domain.includes(".")
        ? `The UserPoolDomain \`${resource.name}\` is \`${domain}\`, a domain of one's own, without a certificate. Give it the \`certificateArn\` of one in us-east-1,` +
            " or take a prefix without dots."
        : `The UserPoolDomain \`${resource.name}\` is the prefix \`${domain}\` with a certificate, which only a domain of one's own has. Leave \`certificateArn\`` +
            " out, or give it a whole host name.",
    );
  }
  if (certificateArn === undefined) checkPrefix(resource, domain);
  return { domain, origin: domainOrigin(poolId, domain), managedLoginVersion };
}

function checkPrefix(resource: GraphResource, prefix: string): void {
  if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/u.test(prefix)) {
    throw new LocalError(
      `The UserPoolDomain \`${resource.name}\` has the prefix \`${prefix}\`. Cognito takes 1–63 small letters, digits and hyphens, with no hyphen at` +
        " either end.",
    );
  }
  const reserved = RESERVED.find((word) => prefix.includes(word));
  if (reserved === undefined) return;
  throw new LocalError(
    `The UserPoolDomain \`${resource.name}\` has the prefix \`${prefix}\`, which holds \`${reserved}\`. Cognito keeps that word for itself; take another` +
      " prefix.",
  );
}
