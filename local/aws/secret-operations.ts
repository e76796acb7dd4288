import { ACCOUNT } from "../graph/answers/names.ts";
import { AwsError } from "./aws-error.ts";
import { keyAccess } from "./key-access.ts";
import type { Operation } from "./operation.ts";
import type { SecretStore } from "./secret-store.ts";

/** What Secrets Manager answers here. */
export function secretOperations(store: SecretStore): Readonly<Record<string, Operation>> {
  return {
    GetSecretValue: (body, { allow, region }) => {
      const request = store.read(body);
      const secret = store.find(request.SecretId);
      // Before it is said whether there is one: who may not read it is not told.
      allow({
        action: "secretsmanager:GetSecretValue",
        resource:
          secret?.arn ??
          (request.SecretId.startsWith("arn:")
            ? request.SecretId
            : `arn:aws:secretsmanager:${region}:${ACCOUNT}:secret:${request.SecretId}`),
      });
      const version = store.version(secret, request);
      const key = keyAccess(secret?.kmsKeyId, "secretsmanager", region);
      if (key !== undefined) {
        try {
          allow(key);
        } catch {
          throw new AwsError("AccessDeniedException", "Access to KMS is not allowed");
        }
      }
      return {
        ARN: secret?.arn,
        Name: secret?.name,
        VersionId: version.id,
        VersionStages: version.stages,
        ...(version.text === undefined ? {} : { SecretString: version.text }),
        ...(version.binary === undefined ? {} : { SecretBinary: version.binary }),
      };
    },
  };
}
