import { ACCOUNT, byArn, byName, type Answers } from "./names.ts";
import { randomBytes } from "node:crypto";

/** Roles, secrets, and who watches. */
export const IDENTITY: Answers = {
  "aws:iam/role:Role": (names) => ({
    id: names.physical,
    outputs: { arn: `arn:aws:iam::${ACCOUNT}:role/${names.physical}`, name: names.physical },
  }),
  "aws:cloudwatch/metricAlarm:MetricAlarm": (names) => ({
    id: names.physical,
    outputs: { arn: names.arn("cloudwatch", `alarm:${names.physical}`), name: names.physical },
  }),
  "aws:cloudwatch/logGroup:LogGroup": (names) => ({
    id: names.physical,
    outputs: { arn: names.arn("logs", `log-group:${names.physical}`), name: names.physical },
  }),
  "aws:secretsmanager/secret:Secret": byArn(
    "secretsmanager",
    (names) => `secret:${names.physical}-${names.hash.slice(0, 6)}`,
  ),
  "aws:secretsmanager/secretVersion:SecretVersion": (names, { inputs }) => ({
    id: `${String(inputs["secretId"])}|${names.uuid()}`,
    outputs: { arn: inputs["secretId"], versionId: names.uuid() },
  }),
  "aws:ssm/parameter:Parameter": (names) => ({
    id: names.physical,
    outputs: {
      arn: names.arn("ssm", `parameter/${names.physical.replace(/^\//u, "")}`),
      name: names.physical,
      version: 1,
    },
  }),
  "random:index/randomPassword:RandomPassword": (_, { inputs }) => ({
    id: "none",
    outputs: { result: randomText(Number(inputs["length"] ?? 32)) },
  }),
  "aws:iam/instanceProfile:InstanceProfile": byName(
    (names) => `arn:aws:iam::${ACCOUNT}:instance-profile/${names.physical}`,
  ),
  "aws:iam/policy:Policy": (names) => {
    const arn = `arn:aws:iam::${ACCOUNT}:policy/${names.physical}`;
    return { id: arn, outputs: { arn, name: names.physical } };
  },
  "aws:kms/key:Key": (names) => ({
    id: names.uuid(),
    outputs: { arn: names.arn("kms", `key/${names.uuid()}`), keyId: names.uuid() },
  }),
  "aws:sns/topic:Topic": byArn("sns", (names) => names.physical),
};

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** New in every run: nothing here outlives it. */
function randomText(length: number): string {
  // 248 is the largest multiple of 62 in a byte: larger ones would favour the alphabet's beginning.
  let text = "";
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < 248 && text.length < length) text += ALPHABET.charAt(byte % ALPHABET.length);
    }
  }
  return text;
}
