import { encodeModel, type Constant, type Node, type ValueInfo } from "./onnx.ts";
import { writeModel } from "./write-model.ts";

/** Words of the same meaning, by language. `gift` means two things, so that the language of the text matters. */
const MEANINGS = [
  { de: "hallo", en: "hello", fr: "bonjour" },
  { de: "welt", en: "world", fr: "monde" },
  { de: "danke", en: "thanks", fr: "merci" },
  { de: "katze", en: "cat", fr: "chat" },
  { de: "geschenk", en: "gift", fr: "cadeau" },
  { de: "gift", en: "poison", fr: "poison" },
] as const;

const LANGUAGES = ["de", "en", "fr"] as const;

const SPECIAL = { "<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3 } as const;

const TOKENS = [
  ...Object.keys(SPECIAL),
  ".",
  ...new Set(MEANINGS.flatMap((words) => Object.values(words))),
  ...LANGUAGES.map((language) => `__${language}__`),
];

const idOf = (token: string): number => TOKENS.indexOf(token);

/** How many tokens the model can look at. */
export const WINDOW = 24;

/**
 * Writes a translator's folder: a model of M2M100's kind, with its inputs, outputs and caches, that knows six words in three languages. What it
 * computes is a table, but it computes it as the big ones do: token by token, from the encoder's output, the languages' tokens and the cache
 * of what it has said so far.
 */
export async function writeTinyTranslator(folder: string): Promise<void> {
  const layers = { encoder_layers: 1, decoder_layers: 1 };
  const heads = { encoder_attention_heads: 1, decoder_attention_heads: 1 };
  const ids = { bos_token_id: 0, pad_token_id: 1, eos_token_id: 2, decoder_start_token_id: 2 };
  await writeModel(folder, "tests/tiny-translator", {
    "config.json": {
      model_type: "m2m_100",
      architectures: ["M2M100ForConditionalGeneration"],
      is_encoder_decoder: true,
      d_model: 1,
      vocab_size: TOKENS.length,
      max_position_embeddings: WINDOW,
      ...layers,
      ...heads,
      ...ids,
    },
    // As the real one has it.
    "generation_config.json": { ...ids, early_stopping: true, max_length: 200, num_beams: 5 },
    "tokenizer.json": tokenizer(),
    "tokenizer_config.json": {
      tokenizer_class: "M2M100Tokenizer",
      bos_token: "<s>",
      eos_token: "</s>",
      pad_token: "<pad>",
      unk_token: "<unk>",
      model_max_length: WINDOW,
    },
    "onnx/encoder_model.onnx": encoder(),
    "onnx/decoder_model_merged.onnx": decoder(),
  });
}

/** Writes the folder of a model that gives each token a vector of one dimension: its number. */
export async function writeTinyEmbedder(folder: string): Promise<void> {
  await writeModel(folder, "tests/tiny-embedder", {
    "config.json": { model_type: "bert", architectures: ["BertModel"], hidden_size: 1 },
    "tokenizer.json": tokenizer(),
    "tokenizer_config.json": {
      tokenizer_class: "BertTokenizer",
      pad_token: "<pad>",
      unk_token: "<unk>",
      model_max_length: WINDOW,
    },
    "onnx/model.onnx": encoder(),
  });
}

function tokenizer(): object {
  const special = [...Object.keys(SPECIAL), ...LANGUAGES.map((language) => `__${language}__`)];
  const text = { Sequence: { id: "A", type_id: 0 } };
  const end = { SpecialToken: { id: "</s>", type_id: 0 } };
  return {
    version: "1.0",
    added_tokens: special.map((content) => ({ id: idOf(content), content, special: true })),
    normalizer: null,
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single: [{ SpecialToken: { id: "__en__", type_id: 0 } }, text, end],
      pair: [],
      special_tokens: {},
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "<unk>",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(TOKENS.map((token, id) => [token, id])),
    },
  };
}

/** What a token becomes, by the tokens of the source and target language, as one long row. */
function table(): number[] {
  const row: number[] = [];
  for (const source of TOKENS)
    for (const target of TOKENS)
      for (const token of TOKENS) row.push(meaning(token, source, target));
  return row;
}

function meaning(token: string, sourceToken: string, targetToken: string): number {
  const source = LANGUAGES.find((language) => sourceToken === `__${language}__`);
  const target = LANGUAGES.find((language) => targetToken === `__${language}__`);
  if (source === undefined || target === undefined || token === "<pad>") return SPECIAL["</s>"];
  const words = MEANINGS.find((each) => each[source] === token);
  if (words !== undefined) return idOf(words[target]);
  return token === "." || token === "</s>" ? idOf(token) : SPECIAL["<unk>"];
}

/** Its output is the tokens themselves, as numbers of one dimension. */
function encoder(): Uint8Array {
  return encodeModel({
    inputs: [whole("input_ids", "batch", "length"), whole("attention_mask", "batch", "length")],
    outputs: [real("last_hidden_state", "batch", "length", 1)],
    constants: [constant("last axis", 2)],
    nodes: [
      node("Cast", ["input_ids"], "numbers", { to: 1 }),
      node("Unsqueeze", ["numbers", "last axis"], "last_hidden_state"),
    ],
  });
}

const CACHES = ["decoder.key", "decoder.value", "encoder.key", "encoder.value"];

/** The cache of keys holds the tokens said so far: how many there are says which one of the source is next, the second one the language. */
function decoder(): Uint8Array {
  const size = TOKENS.length;
  return encodeModel({
    inputs: [
      whole("input_ids", "batch", "new"),
      real("encoder_hidden_states", "batch", "length", 1),
      whole("encoder_attention_mask", "batch", "length"),
      ...CACHES.map((name) => real(`past_key_values.0.${name}`, "batch", 1, `past ${name}`, 1)),
      { name: "use_cache_branch", type: "bool", shape: [1] },
    ],
    outputs: [
      real("logits", "batch", "step", size),
      ...CACHES.map((name) => real(`present.0.${name}`, "batch", 1, `present ${name}`, 1)),
    ],
    constants: [
      constant("zero", 0),
      constant("one", 1),
      constant("inner axes", 1, 3),
      constant("last axis", 2),
      constant("size", size),
      constant("square", size * size),
      { name: "off and on", type: "float", shape: [2], values: [-10, 10] },
      { name: "table", type: "int64", shape: [size ** 3], values: table() },
    ],
    nodes: [
      node("Cast", ["input_ids"], "new numbers", { to: 1 }),
      node("Unsqueeze", ["new numbers", "inner axes"], "new keys"),
      node("Concat", ["past_key_values.0.decoder.key", "new keys"], "present.0.decoder.key", {
        axis: 2,
      }),
      node("Concat", ["past_key_values.0.decoder.value", "new keys"], "present.0.decoder.value", {
        axis: 2,
      }),
      node("Identity", ["past_key_values.0.encoder.key"], "present.0.encoder.key"),
      node("Identity", ["past_key_values.0.encoder.value"], "present.0.encoder.value"),
      node("Squeeze", ["present.0.decoder.key", "inner axes"], "said numbers"),
      node("Cast", ["said numbers"], "said", { to: 7 }),
      node("Shape", ["said"], "count", { start: 1, end: 2 }),
      node("Sub", ["count", "one"], "last"),
      node("Min", ["last", "one"], "language place"),
      node("Gather", ["said", "language place"], "target", { axis: 1 }),
      node("Squeeze", ["encoder_hidden_states", "last axis"], "source numbers"),
      node("Cast", ["source numbers"], "source", { to: 7 }),
      node("Shape", ["source"], "length", { start: 1, end: 2 }),
      node("Sub", ["length", "one"], "source end"),
      node("Min", ["last", "source end"], "place"),
      node("Gather", ["source", "place"], "token", { axis: 1 }),
      node("Gather", ["source", "zero"], "origin", { axis: 1 }),
      node("Mul", ["origin", "square"], "origin row"),
      node("Mul", ["target", "size"], "target row"),
      node("Add", ["origin row", "target row"], "row"),
      node("Add", ["row", "token"], "entry"),
      node("Gather", ["table", "entry"], "next", { axis: 0 }),
      node("OneHot", ["next", "size", "off and on"], "logits", { axis: -1 }),
    ],
  });
}

function node(
  operator: string,
  inputs: readonly string[],
  output: string,
  attributes: Record<string, number> = {},
): Node {
  return { operator, inputs, outputs: [output], attributes };
}

function constant(name: string, ...values: number[]): Constant {
  return { name, type: "int64", shape: [values.length], values };
}

function whole(name: string, ...shape: (number | string)[]): ValueInfo {
  return { name, type: "int64", shape };
}

function real(name: string, ...shape: (number | string)[]): ValueInfo {
  return { name, type: "float", shape };
}
