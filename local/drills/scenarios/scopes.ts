import type { Drill } from "../drill.ts";
import { promised } from "../report/promises.ts";
import { newToken } from "./tokens.ts";

export const scopes: Drill = {
  name: "scopes",
  summary: "a caller comes with a good token that lacks the scope",
  speed: 1,
  callsPerSecond: 20,
  planned: true,
  perform: async (stage) => {
    stage.phase("before");
    stage.setToken(newToken(stage));
    await stage.observe(2);
    stage.phase("during");
    const { status, challenge = "" } = await stage.call(newToken(stage, []));
    stage.step(
      `a token without scopes: HTTP ${status}, ${challenge === "" ? "no challenge" : challenge}`,
    );
    stage.phase("after");
    await stage.observe(2);
    return [
      promised("A token without the scope is answered 403", status === 403, `HTTP ${status}`),
      promised(
        "The challenge names what is missing, and where to ask for it",
        /^Bearer\b/u.test(challenge) &&
          challenge.includes('error="insufficient_scope"') &&
          /\bscope="[^"]+"/u.test(challenge) &&
          /\bresource_metadata="[^"]+"/u.test(challenge),
        challenge === "" ? "none" : challenge,
      ),
    ];
  },
  notModelled: [],
};
