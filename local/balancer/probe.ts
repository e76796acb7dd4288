import { request } from "node:http";
import type { HealthCheck } from "../graph/target-groups.ts";
import { isMatch } from "./health.ts";

/** Asks a target whether it is well; aborted when the check's timeout is over. */
export type Prober = (
  target: { readonly id: string; readonly address: string; readonly port: number },
  check: HealthCheck,
  signal: AbortSignal,
) => Promise<boolean>;

/** A check as an ALB makes it: its own connection, closed afterwards, with the target's address as `Host`. */
export const probeOverHttp: Prober = (target, check, signal) =>
  new Promise((resolve) => {
    const probe = request({
      host: target.address,
      port: check.port === "traffic-port" ? target.port : check.port,
      path: check.path,
      agent: false,
      headers: { "User-Agent": "ELB-HealthChecker/2.0", Connection: "close" },
      signal,
    });
    probe.on("response", (response) => {
      response.resume();
      // The timeout may end the answer's body; its status has been told.
      response.on("error", () => undefined);
      resolve(isMatch(check.matcher, response.statusCode ?? 0));
    });
    probe.on("error", () => {
      resolve(false);
    });
    probe.end();
  });
