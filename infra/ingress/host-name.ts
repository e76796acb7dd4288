import { ArgumentError } from "../validation.ts";

/** Whether one of a platform's names, those with a `*` included, is or covers a host name. */
export function isAnswered(domainNames: readonly string[], hostName: string): boolean {
  const host = hostName.toLowerCase();
  return domainNames.some((given) => {
    const name = given.toLowerCase();
    // A wildcard stands for one label, in certificates as in DNS records of ours.
    return name.startsWith("*.") ? host.replace(/^[^.]+/u, "*") === name : host === name;
  });
}

/** Refuses a host name that the platform has no certificate for: no request with it would ever arrive. */
export function checkAnswered(
  component: string,
  domainNames: readonly string[],
  hostName: string,
): void {
  if (isAnswered(domainNames, hostName)) return;
  throw new ArgumentError(
    component,
    `\`hostName\` is \`${hostName}\`, but the platform answers ` +
      (domainNames.length === 0
        ? "to the name that AWS gives it alone. Give the platform a `domainName`, and this one among its `alternativeDomainNames`, or leave it out"
        : `to ${domainNames.map((name) => `\`${name}\``).join(", ")} alone. Put it among the platform's \`alternativeDomainNames\``) +
      ".",
  );
}

/** Refuses host names that no listener rule can ask for (ELB API, HostHeaderConditionConfig). */
export function checkRuleHostName(component: string, hostName: string): void {
  if (hostName.length <= 128 && /\.(?:[a-z]+|xn--[a-z0-9-]+)$/iu.test(hostName)) return;
  throw new ArgumentError(
    component,
    `\`hostName\` is \`${hostName}\`; a load balancer's rule takes at most 128 characters, with a dot, and letters after the last one. Give such a name, or` +
      " tell services apart by `path`.",
  );
}
