import { ACCOUNT } from "../graph/answers/names.ts";
import { keyAccess } from "./key-access.ts";
import type { Operation } from "./operation.ts";
import type { ParameterStore, StoredParameter } from "./parameter-store.ts";

/** What Systems Manager answers here. */
export function parameterOperations(store: ParameterStore): Readonly<Record<string, Operation>> {
  return {
    GetParametersByPath: (body, { allow, region, atHome }) => {
      const request = store.read(body);
      allow({
        action: "ssm:GetParametersByPath",
        resource: `arn:aws:ssm:${region}:${ACCOUNT}:parameter${request.Path}`,
        context: { "ssm:Recursive": String(request.Recursive) },
      });
      const { parameters, nextToken } = store.page(request);
      const shown = parameters.map((parameter) => {
        const isHidden = parameter.type === "SecureString" && !request.WithDecryption;
        const key =
          parameter.type === "SecureString" && request.WithDecryption
            ? keyAccess(parameter.keyId, "ssm", region)
            : undefined;
        if (key !== undefined) allow(key);
        return described(parameter, isHidden ? ciphertext(parameter) : atHome(parameter.value));
      });
      return { Parameters: shown, ...(nextToken === undefined ? {} : { NextToken: nextToken }) };
    },
  };
}

function described(parameter: StoredParameter, value: string): object {
  return {
    Name: parameter.name,
    Type: parameter.type,
    Value: value,
    Version: parameter.version,
    LastModifiedDate: parameter.lastModified / 1000,
    ARN: parameter.arn,
    DataType: parameter.dataType,
  };
}

/** Something that is not the value, and tells nothing of it. */
function ciphertext({ name, version }: StoredParameter): string {
  return Buffer.from(`${name} ${version}`).toString("base64");
}
