import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Comparison } from "../../../local/drawing/diff/compare.ts";
import { diffMarkdown } from "../../../local/drawing/diff/markdown.ts";
import { planned } from "../../../local/drawing/diff/plan.ts";
import type { Graph } from "../../../local/graph/graph.ts";
import { graphOf, resource } from "./small-graph.ts";

const GROUP = "aws:lb/targetGroup:TargetGroup";

function comparison(before: Graph, after: Graph): Comparison {
  return {
    plan: planned(before, after),
    reference: "main",
    commit: "0123456789abcdef",
    program: "index.ts",
    stack: "dev",
    before,
    after,
  };
}

describe("GIVEN a change", () => {
  it("WHEN it becomes a comment THEN the sum comes first, then what is replaced, and details are behind a click", () => {
    const text = diffMarkdown(
      comparison(
        graphOf(resource(GROUP, "group", { port: 80 }), resource("aws:sns/topic:Topic", "old")),
        graphOf(
          resource(GROUP, "group", { port: 81 }),
          resource("aws:sns/topic:Topic", "new", { tags: { a: "b" } }),
        ),
      ),
      { summary: "+1.00 US dollars a month", details: "| a |" },
    );

    assert.equal(
      text,
      `**1 replaced, 1 deleted, 1 created**, 0 unchanged · +1.00 US dollars a month

\`index.ts\`, stack \`dev\`, from \`main\` (012345678). Read from the two programs alone, with no cloud credentials and no state: what is replaced is likely, not certain. \`pulumi preview\` has the last word.

### Replaced

- \`aws.lb.TargetGroup\` **group**: for \`port\`; the new one is made before the old one is deleted

<details><summary>1 property of group</summary>

\`\`\`diff
- port: 80
+ port: 81
\`\`\`

</details>

### Deleted

- \`aws.sns.Topic\` **old**

### Created

- \`aws.sns.Topic\` **new**

<details><summary>Inputs of the created resources</summary>

\`\`\`diff
  aws.sns.Topic new
+ tags: {"a":"b"}
\`\`\`

</details>

<details><summary>Monthly price</summary>

| a |

</details>
`,
    );
  });

  it("WHEN nothing changes THEN that is said", () => {
    const graph = graphOf(resource(GROUP, "group"));

    assert.match(
      diffMarkdown(comparison(graph, graph)),
      /^\*\*no resource changes\*\*, 1 unchanged\n/u,
    );
  });

  it("WHEN a value holds a fence, or a name holds markup THEN neither ends what it stands in", () => {
    const text = diffMarkdown(
      comparison(
        graphOf(resource("aws:sns/topic:Topic", "a<b>*", { displayName: "x" })),
        graphOf(resource("aws:sns/topic:Topic", "a<b>*", { displayName: "````" })),
      ),
    );

    assert.match(text, /^`````diff\n- displayName: "x"\n\+ displayName: "````"\n`````$/mu);
    assert.ok(text.includes("**a&lt;b&gt;\\***"));
  });

  it("WHEN it is too long for a comment THEN it ends early, and says what is missing", () => {
    const topics = (displayName: string): Graph =>
      graphOf(
        resource(GROUP, "group", { port: displayName.length }),
        ...Array.from({ length: 400 }, (_, index) =>
          resource("aws:sns/topic:Topic", `topic-${index}`, {
            displayName: displayName + "x".repeat(300),
          }),
        ),
      );

    const text = diffMarkdown(comparison(topics("a"), topics("bb")));

    assert.ok(text.length <= 65_536);
    assert.match(text, /### Replaced/u);
    assert.match(
      text,
      /_\d+ more parts left out: a comment holds 65,536 characters\. `mcp-local graph --diff` prints all of it\._\n$/u,
    );
    assert.equal(text.match(/<details>/gu)?.length, text.match(/<\/details>/gu)?.length);
  });
});
