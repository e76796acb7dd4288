import type { LoadBalancer } from "../graph/load-balancers.ts";
import type { TokenValidation } from "../graph/rule-actions.ts";

/**
 * A load balancer that asks for tokens of the issuer on this machine, where its program means Cognito.
 *
 * @param here what an address is on this machine.
 */
export function withLocalIssuers(
  loadBalancer: LoadBalancer,
  here: (address: string) => string,
): LoadBalancer {
  const local = (validation: TokenValidation | undefined): TokenValidation | undefined =>
    validation && {
      issuer: here(validation.issuer),
      jwksEndpoint: here(validation.jwksEndpoint),
      // Scopes begin with the public address of their service.
      claims: validation.claims.map((claim) => ({ ...claim, values: claim.values.map(here) })),
    };
  return {
    ...loadBalancer,
    listeners: loadBalancer.listeners.map((listener) => ({
      ...listener,
      defaultValidation: local(listener.defaultValidation),
      rules: listener.rules.map((rule) => ({ ...rule, validation: local(rule.validation) })),
    })),
  };
}
