import { ACCOUNT } from "../graph/answers/names.ts";
import type { IamRequest } from "../iam/decide.ts";

/**
 * What decrypting with a key asks of a role, through the service that does it; undefined for AWS's own keys, which everybody of the account may use by way of
 * the service.
 */
export function keyAccess(
  keyId: string | undefined,
  service: "secretsmanager" | "ssm",
  region: string,
): IamRequest | undefined {
  if (keyId === undefined || keyId === "" || keyId.startsWith("alias/aws/")) return undefined;
  return {
    action: "kms:Decrypt",
    resource: keyId.startsWith("arn:") ? keyId : `arn:aws:kms:${region}:${ACCOUNT}:key/${keyId}`,
    context: {
      "kms:ViaService": `${service}.${region}.amazonaws.com`,
      "kms:CallerAccount": ACCOUNT,
    },
  };
}
