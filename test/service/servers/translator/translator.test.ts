import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { pino } from "pino";
import type { ZodError } from "zod";
import type { StructuredTool } from "../../../../service/runtime/tool.ts";
import { callTool } from "../../../../service/runtime/testing.ts";
import { translator } from "../../../../service/servers/translator/index.ts";
import { modelsFolder } from "../models/model-folder.ts";

describe("the translator", () => {
  let models: Awaited<ReturnType<typeof modelsFolder>>;
  let server: Awaited<ReturnType<typeof translator.start>>;
  const progress: string[] = [];

  before(async () => {
    models = await modelsFolder("translator");
    server = await translator.start({
      environment: {
        MODELS_PATH: models.path,
        MODEL_DEVICE: "cpu",
        MODEL_BATCH_SIZE: "2",
        TRANSLATOR_MAX_CHARACTERS: "200",
      },
      log: pino({ level: "silent" }),
    });
  });
  after(async () => {
    await server.stop();
    await models.remove();
  });

  const translate = async (input: Record<string, unknown>, signal?: AbortSignal) => {
    const [tool] = server.tools;
    const result = await callTool(tool as unknown as StructuredTool, input, {
      ...(signal === undefined ? {} : { signal }),
      progress: (update) => {
        progress.push(String(update.message));
        return Promise.resolve();
      },
    });
    return result as { readonly translation: string; readonly sentences: number };
  };

  test("GIVEN a text of several lines THEN its sentences are translated, its lines kept, and progress told", async () => {
    progress.length = 0;
    const { translation, sentences } = await translate({
      text: "hello world.\n\nhello cat.\nthanks.\n",
      target: "fr",
    });
    assert.equal(translation, "bonjour monde.\n\nbonjour chat.\nmerci.\n");
    assert.equal(sentences, 3);
    assert.deepEqual(progress, ["2 of 3 sentences."]);
  });

  test("GIVEN a word that means something else in another language THEN the language of the text decides", async () => {
    const [english, german] = await Promise.all([
      translate({ text: "gift", target: "fr" }),
      translate({ text: "gift", source: "de", target: "fr" }),
    ]);
    assert.deepEqual([english.translation, german.translation], ["cadeau", "poison"]);
  });

  test("GIVEN calls at once, in several languages and lengths THEN each gets its own translation", async () => {
    const calls = [
      ["hello", "fr"],
      ["hello hello hello hello world", "de"],
      ["cat", "de"],
      ["thanks", "fr"],
      ["hello world cat thanks.", "fr"],
      ["world", "de"],
    ] as const;
    const results = await Promise.all(calls.map(([text, target]) => translate({ text, target })));
    assert.deepEqual(
      results.map(({ translation }) => translation),
      [
        "bonjour",
        "hallo hallo hallo hallo welt",
        "katze",
        "merci",
        "bonjour monde chat merci.",
        "welt",
      ],
    );
  });

  test("GIVEN the same language twice THEN the text is given back as it is", async () => {
    assert.equal(
      (await translate({ text: "hello  you.", target: "en" })).translation,
      "hello  you.",
    );
  });

  test("GIVEN a sentence longer than the model's window among others THEN the call is refused with what to do, and others are not", async () => {
    const [long, short] = await Promise.allSettled([
      translate({ text: `hello.\n${"cat ".repeat(30)}`, target: "fr" }),
      translate({ text: "hello", target: "fr" }),
    ]);
    assert.equal(
      long.status === "rejected" && (long.reason as Error).message,
      "A sentence of `text` is longer than the 24 tokens that the model can look at. End sentences with full stops, or put line breaks between them.",
    );
    assert.equal(short.status === "fulfilled" && short.value.translation, "bonjour");
  });

  for (const [what, input, message] of [
    [
      "a language that the model does not know",
      { text: "hello", target: "xx" },
      '`target` is "xx", which is no language of this model. Give one of: de, en, fr.',
    ],
    [
      "such a language of the text",
      { text: "hello", target: "fr", source: "klingon" },
      '`source` is "klingon", which is no language of this model. Give one of: de, en, fr.',
    ],
    ["an empty text", { text: " ", target: "fr" }, "`text` is empty. Give the text to translate."],
    [
      "a text that is too long",
      { text: "a".repeat(201), target: "fr" },
      "`text` is longer than 200 characters. Translate it in several calls, a few paragraphs each.",
    ],
  ] as const) {
    test(`GIVEN ${what} THEN the model is told what to give`, async () => {
      await assert.rejects(translate(input), (error: ZodError) => {
        assert.deepEqual(
          error.issues.map((issue) => issue.message),
          [message],
        );
        return true;
      });
    });
  }

  test("GIVEN a cancelled call THEN it ends with the signal's reason, and the next one is served", async () => {
    const reason = new Error("the client left");
    const controller = new AbortController();
    const call = assert.rejects(
      translate({ text: "hello.\nworld.\ncat.", target: "fr" }, controller.signal),
      reason,
    );
    controller.abort(reason);
    await call;
    assert.equal((await translate({ text: "cat", target: "fr" })).translation, "chat");
  });

  test("GIVEN a usual source that the model does not know WHEN it starts THEN it ends with a sentence", async () => {
    await assert.rejects(
      translator.start({
        environment: { MODELS_PATH: models.path, MODEL_DEVICE: "cpu", TRANSLATOR_SOURCE: "xx" },
        log: pino({ level: "silent" }),
      }),
      {
        name: "ConfigurationError",
        message:
          "`TRANSLATOR_SOURCE` is `xx`, which is no language of the model. Give one of: de, en, fr.",
      },
    );
  });
});
