import type { Answers } from "./names.ts";

/** Private names. Ids are of small letters and digits, the hosted zone's of capitals. */
export const DISCOVERY: Answers = {
  "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": (names) => {
    const id = `ns-${names.hash.slice(0, 16)}`;
    return {
      id,
      outputs: {
        arn: names.arn("servicediscovery", `namespace/${id}`),
        name: names.physical,
        hostedZone: `Z${names.hash.slice(0, 20).toUpperCase()}`,
      },
    };
  },
  "aws:servicediscovery/service:Service": (names) => {
    const id = `srv-${names.hash.slice(0, 16)}`;
    const arn = names.arn("servicediscovery", `service/${id}`);
    return { id, outputs: { arn, name: names.physical } };
  },
};
