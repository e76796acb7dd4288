import { z } from "zod";
import { LocalError, type GraphResource } from "../graph/graph.ts";
import type { UserPoolClient } from "./user-pool.ts";

const SECONDS = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 } as const;

const unit = z.enum(["seconds", "minutes", "hours", "days"]);

/** The part of a client's inputs that says how long tokens are good. */
export const tokenValidityInputs = z.object({
  accessTokenValidity: z.number().optional(),
  idTokenValidity: z.number().optional(),
  refreshTokenValidity: z.number().optional(),
  tokenValidityUnits: z
    .object({
      accessToken: unit.optional(),
      idToken: unit.optional(),
      refreshToken: unit.optional(),
    })
    .default({}),
});

type TokenValidityInputs = z.output<typeof tokenValidityInputs>;

const HOUR = 3600;
const DAY = 24 * HOUR;

/** What one kind of token may have, in seconds. */
interface Range {
  readonly argument: string;
  readonly least: number;
  readonly most: number;
  readonly span: string;
}

const SHORT = { least: 300, most: DAY, span: "5 minutes to 1 day" };

/** @throws {LocalError} where Cognito would refuse how long a token is good. */
export function readTokenValidity(
  resource: GraphResource,
  inputs: TokenValidityInputs,
): Pick<UserPoolClient, "accessTokenSeconds" | "idTokenSeconds" | "refreshTokenSeconds"> {
  const { tokenValidityUnits: units } = inputs;
  const seconds = (
    value: number | undefined,
    valueUnit: z.output<typeof unit>,
    usual: number,
    { argument, least, most, span }: Range,
  ): number => {
    if (value === undefined) return usual;
    const result = value * SECONDS[valueUnit];
    if (Number.isInteger(value) && result >= least && result <= most) return result;
    throw new LocalError(
      `The UserPoolClient \`${resource.name}\` has \`${argument}: ${value}\`, in ${valueUnit}. Cognito takes whole numbers, ${span}.`,
    );
  };
  return {
    accessTokenSeconds: seconds(inputs.accessTokenValidity, units.accessToken ?? "hours", HOUR, {
      argument: "accessTokenValidity",
      ...SHORT,
    }),
    idTokenSeconds: seconds(inputs.idTokenValidity, units.idToken ?? "hours", HOUR, {
      argument: "idTokenValidity",
      ...SHORT,
    }),
    refreshTokenSeconds: seconds(
      inputs.refreshTokenValidity,
      units.refreshToken ?? "days",
      30 * DAY,
      {
        argument: "refreshTokenValidity",
        least: HOUR,
        most: 3650 * DAY,
        span: "60 minutes to 10 years",
      },
    ),
  };
}
