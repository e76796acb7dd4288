import { randomBytes, timingSafeEqual } from "node:crypto";
import { AwsError } from "./aws-error.ts";
import type { Caller } from "./caller.ts";

/** ECS gives credentials for some hours, and new ones before they end; here they end with the task. */
const LIFETIME_MILLISECONDS = 6 * 60 * 60 * 1000;

interface Issued {
  readonly caller: Caller;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** The credentials of tasks, which are good for nothing but this machine's stand-ins. */
export class TaskCredentials {
  /** By the last part of the path under which a task finds them. */
  readonly #byPlace = new Map<string, Issued>();
  readonly #byKey = new Map<string, Issued>();

  /** @returns where the task finds its own; nobody else can tell. */
  issue(caller: Caller): string {
    const place = randomBytes(16).toString("hex");
    const issued = {
      caller,
      // The shape of a session's, so that who looks at it sees one.
      accessKeyId: `ASIA${randomBytes(8).toString("hex").toUpperCase()}`,
      secretAccessKey: randomBytes(30).toString("base64"),
      sessionToken: randomBytes(48).toString("base64"),
    };
    this.#byPlace.set(place, issued);
    this.#byKey.set(issued.accessKeyId, issued);
    return place;
  }

  forget(taskId: string): void {
    for (const [place, { caller, accessKeyId }] of this.#byPlace) {
      if (caller.taskId !== taskId) continue;
      this.#byPlace.delete(place);
      this.#byKey.delete(accessKeyId);
    }
  }

  /** What the ECS agent answers at a place; undefined where there is nothing. */
  document(place: string, now: number): object | undefined {
    const issued = this.#byPlace.get(place);
    return (
      issued && {
        RoleArn: issued.caller.roleArn,
        AccessKeyId: issued.accessKeyId,
        SecretAccessKey: issued.secretAccessKey,
        Token: issued.sessionToken,
        Expiration: new Date(now + LIFETIME_MILLISECONDS).toISOString(),
      }
    );
  }

  /**
   * Who has signed a request. The signature itself is not computed again.
   *
   * @param authorization the header of Signature Version 4.
   * @throws {AwsError} for nobody that is known here.
   */
  callerOf(authorization: string | undefined, sessionToken: string | undefined): Caller {
    const keyId = /^AWS4-HMAC-SHA256 Credential=(?<key>[^/]+)\//u.exec(authorization ?? "")?.groups;
    if (keyId === undefined)
      throw new AwsError("MissingAuthenticationToken", "Missing Authentication Token");
    const issued = this.#byKey.get(keyId["key"] ?? "");
    if (issued === undefined || !isSame(issued.sessionToken, sessionToken ?? ""))
      throw new AwsError(
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
      );
    return issued.caller;
  }
}

function isSame(left: string, right: string): boolean {
  const [one, other] = [Buffer.from(left), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}
