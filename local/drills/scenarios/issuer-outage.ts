import type { Drill } from "../drill.ts";
import { promised } from "../report/promises.ts";
import { newToken } from "./tokens.ts";

/** Replicas ask for unknown keys once a second at most. */
const SECONDS_TO_ASK_AGAIN = 20;

export const issuerOutage: Drill = {
  name: "issuer-outage",
  summary: "the issuer is out of reach, with its keys",
  speed: 1,
  callsPerSecond: 20,
  planned: true,
  perform: async (stage) => {
    const { issuer } = stage.run;
    stage.phase("before");
    stage.setToken(newToken(stage));
    await stage.observe(3);
    stage.phase("during");
    issuer.setOutage(true);
    stage.step("the issuer answers nobody");
    try {
      await stage.observe(2);
      // Not seen before, but of a key that is known.
      stage.setToken(newToken(stage));
      stage.step("callers have new tokens of a key that replicas know");
      await stage.observe(3);
      await issuer.rotateKeys();
      const unknown = newToken(stage);
      const refused = await stage.call(unknown);
      stage.step(`a token of a key that no replica knows: HTTP ${refused.status}`);
      issuer.setOutage(false);
      stage.step("the issuer answers again");
      const accepted = await acceptedSoon(unknown, stage);
      stage.phase("after");
      await stage.observe(2);
      return [
        promised(
          "A token of an unknown key is answered 503 with `Retry-After`, not thrown away",
          refused.status === 503 && refused.retryAfter !== undefined,
          `HTTP ${refused.status}, Retry-After ${refused.retryAfter ?? "missing"}`,
        ),
        promised(
          "It is accepted once the issuer is back",
          accepted,
          `refused for ${SECONDS_TO_ASK_AGAIN} s`,
        ),
      ];
    } finally {
      issuer.setOutage(false);
    }
  },
  notModelled: [
    "and here alike, a replica that starts during the outage knows no keys, and answers 503 to every call until the issuer is back",
  ],
};

async function acceptedSoon(
  token: string,
  stage: Parameters<Drill["perform"]>[0],
): Promise<boolean> {
  for (let second = 0; second < SECONDS_TO_ASK_AGAIN; second++) {
    if ((await stage.call(token)).status === 200) return true;
    await stage.observe(1);
  }
  return false;
}
