import type { Drill } from "../drill.ts";
import { promised } from "../report/promises.ts";
import { newToken } from "./tokens.ts";

export const keyRotation: Drill = {
  name: "key-rotation",
  summary: "the issuer signs with new keys, while tokens of the old ones are in use",
  speed: 1,
  callsPerSecond: 20,
  planned: true,
  perform: async (stage) => {
    stage.phase("before");
    const old = newToken(stage);
    stage.setToken(old);
    await stage.observe(3);
    stage.phase("during");
    await stage.run.issuer.rotateKeys();
    stage.step("the issuer signs with new keys; callers keep their tokens");
    await stage.observe(3);
    const fresh = newToken(stage);
    stage.setToken(fresh);
    stage.step("callers have tokens that are signed with the new keys");
    await stage.observe(3);
    stage.phase("after");
    const [before, after] = await Promise.all([stage.call(old), stage.call(fresh)]);
    await stage.observe(2);
    return [
      promised(
        "Tokens of the keys before stay good",
        before.status === 200,
        `HTTP ${before.status}`,
      ),
      promised(
        "Tokens of the new keys are good at once",
        after.status === 200,
        `HTTP ${after.status}`,
      ),
    ];
  },
  notModelled: ["Cognito rotates its keys by itself, and does not say when"],
};
