import { checkAddress } from "./upstream-address.ts";
import { UpstreamAuthMode, type UpstreamAuth } from "./upstream-args.ts";
import { ArgumentError, check, oneOf } from "../validation.ts";

type Argument = Exclude<keyof UpstreamAuth, "mode">;

/** The modes that demand an argument, and those that take it. */
const MODES_OF: Readonly<
  Record<
    Argument,
    { readonly demand: readonly UpstreamAuthMode[]; readonly take: readonly UpstreamAuthMode[] }
  >
> = {
  header: { demand: [], take: [UpstreamAuthMode.Header] },
  secretArn: {
    demand: [
      UpstreamAuthMode.Header,
      UpstreamAuthMode.ClientCredentials,
      UpstreamAuthMode.TokenExchange,
    ],
    take: [],
  },
  tokenEndpoint: {
    demand: [UpstreamAuthMode.ClientCredentials, UpstreamAuthMode.TokenExchange],
    take: [],
  },
  clientId: {
    demand: [UpstreamAuthMode.ClientCredentials, UpstreamAuthMode.TokenExchange],
    take: [],
  },
  scope: { demand: [], take: [UpstreamAuthMode.ClientCredentials, UpstreamAuthMode.TokenExchange] },
  audience: { demand: [], take: [UpstreamAuthMode.TokenExchange] },
  resource: {
    demand: [],
    take: [UpstreamAuthMode.ClientCredentials, UpstreamAuthMode.TokenExchange],
  },
  service: { demand: [UpstreamAuthMode.SigV4], take: [] },
  region: { demand: [], take: [UpstreamAuthMode.SigV4] },
};

/** A secret of Secrets Manager, whole: neither key nor stage nor version. */
const SECRET_ARN = /^arn:[^:\s]+:secretsmanager:[^:\s]+:\d{12}:secret:[^:\s]+-[A-Za-z0-9]{6}$/u;

/** The mode of an upstream's `auth`. */
export function upstreamAuthMode(auth: UpstreamAuth | undefined): UpstreamAuthMode {
  return auth?.mode ?? UpstreamAuthMode.None;
}

/** Refuses what a mode lacks, and what it would not heed. */
export function checkUpstreamAuth(
  component: string,
  at: string,
  auth: UpstreamAuth | undefined,
): void {
  if (auth === undefined) return;
  check(auth.mode, oneOf(component, `${at}.mode`, UpstreamAuthMode));
  const mode = upstreamAuthMode(auth);
  for (const argument of Object.keys(MODES_OF) as Argument[]) {
    const { demand, take } = MODES_OF[argument];
    const isGiven = auth[argument] !== undefined;
    if (!isGiven && demand.includes(mode)) {
      throw new ArgumentError(
        component,
        `\`${at}.mode\` is \`${mode}\`, but \`${at}.${argument}\` is missing. Give it, or another mode.`,
      );
    }
    if (isGiven && ![...demand, ...take].includes(mode)) {
      throw new ArgumentError(
        component,
        `\`${at}.${argument}\` is given, but \`${at}.mode\` is \`${mode}\`, where it would change nothing. Leave it out, or set \`${at}.mode\` to` +
          ` ${[...demand, ...take].map((each) => `\`${each}\``).join(" or ")}.`,
      );
    }
  }
  check(auth.secretArn, (arn) => {
    if (SECRET_ARN.test(arn)) return;
    throw new ArgumentError(
      component,
      `\`${at}.secretArn\` is not the whole ARN of a Secrets Manager secret, with the six characters at its end; give it as \`aws.secretsmanager.Secret.arn\` is.` +
        " The gateway reads the secret as a whole.",
    );
  });
  check(auth.tokenEndpoint, (url) => {
    checkAddress(component, `${at}.tokenEndpoint`, url);
  });
  if (auth.header === undefined || /^[\w!#$%&'*+.^`|~-]+$/u.test(auth.header)) return;
  throw new ArgumentError(
    component,
    `\`${at}.header\` is \`${auth.header}\`; give the name of a header, such as \`X-Api-Key\`.`,
  );
}
