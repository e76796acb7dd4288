/** Just enough of ONNX's format (onnx.proto, https://github.com/onnx/onnx) to write small models, and to rename the ends of a given one. */
import protobuf, { type Writer as ProtobufWriter } from "protobufjs/minimal.js";

const { Reader, Writer } = protobuf;

/** `TensorProto.DataType`. */
export const TYPES = { float: 1, int64: 7, bool: 9 } as const;

export type ElementType = keyof typeof TYPES;

/** A size that is fixed, or a name for one that is not. */
export type Dimension = number | string;

export interface ValueInfo {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly Dimension[];
}

export type Attribute = number | string | readonly number[];

export interface Node {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

export interface Constant {
  readonly name: string;
  readonly type: "float" | "int64";
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

export interface Graph {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly constants: readonly Constant[];
  readonly nodes: readonly Node[];
}

/** Fields of the messages, by their numbers in onnx.proto. */
const MODEL = { irVersion: 1, graph: 7, operatorSets: 8 };
const GRAPH = { node: 1, name: 2, initializer: 5, input: 11, output: 12 };
const LENGTH_DELIMITED = 2;

/** A model of one graph, for the operators of version 17. */
export function encodeModel(graph: Graph): Uint8Array {
  const writer = Writer.create();
  writer.uint32(tag(MODEL.irVersion, 0)).int64(8);
  writer.uint32(tag(MODEL.operatorSets, 2)).bytes(encode((set) => set.uint32(tag(2, 0)).int64(17)));
  writer.uint32(tag(MODEL.graph, 2)).bytes(
    encode((body) => {
      for (const node of graph.nodes) body.uint32(tag(GRAPH.node, 2)).bytes(encodeNode(node));
      body.uint32(tag(GRAPH.name, 2)).string("graph");
      for (const constant of graph.constants)
        body.uint32(tag(GRAPH.initializer, 2)).bytes(encodeConstant(constant));
      for (const input of graph.inputs)
        body.uint32(tag(GRAPH.input, 2)).bytes(encodeValueInfo(input));
      for (const output of graph.outputs)
        body.uint32(tag(GRAPH.output, 2)).bytes(encodeValueInfo(output));
    }),
  );
  return writer.finish();
}

/**
 * Gives a model's only input and only output other names and puts a node behind the output: everything else stays as it is, byte by byte.
 *
 * @param operator what the node does with the old output to make the new one.
 */
export function renameEnds(
  model: Uint8Array,
  {
    input,
    output,
    operator,
  }: { readonly input: string; readonly output: string; readonly operator: string },
): Uint8Array {
  return rewrite(model, (field, bytes) => {
    if (field !== MODEL.graph) return bytes;
    const names = { input: "", output: "" };
    rewrite(bytes, (part, value) => {
      if (part === GRAPH.input) names.input = nameOf(value);
      if (part === GRAPH.output) names.output = nameOf(value);
      return value;
    });
    const graph = rewrite(bytes, (part, value) => {
      if (part === GRAPH.input) return withName(value, input);
      if (part === GRAPH.output) return withName(value, output);
      return value;
    });
    // Fields that repeat may stand anywhere, and nodes in any order: the names order them.
    const ends = encode((writer) => {
      const before: Node = { operator: "Identity", inputs: [input], outputs: [names.input] };
      const behind: Node = { operator, inputs: [names.output], outputs: [output] };
      for (const node of [before, behind])
        writer.uint32(tag(GRAPH.node, 2)).bytes(encodeNode(node));
    });
    return Buffer.concat([graph, ends]);
  });
}

function encodeNode({ operator, inputs, outputs, attributes = {} }: Node): Uint8Array {
  return encode((writer) => {
    for (const name of inputs) writer.uint32(tag(1, 2)).string(name);
    for (const name of outputs) writer.uint32(tag(2, 2)).string(name);
    writer.uint32(tag(4, 2)).string(operator);
    for (const [name, value] of Object.entries(attributes))
      writer.uint32(tag(5, 2)).bytes(encodeAttribute(name, value));
  });
}

/** `AttributeProto.AttributeType`: 2 a whole number, 3 a text, 7 whole numbers. */
function encodeAttribute(name: string, value: Attribute): Uint8Array {
  return encode((writer) => {
    writer.uint32(tag(1, 2)).string(name);
    if (typeof value === "number")
      writer.uint32(tag(3, 0)).int64(value).uint32(tag(20, 0)).int32(2);
    else if (typeof value === "string")
      writer.uint32(tag(4, 2)).string(value).uint32(tag(20, 0)).int32(3);
    else {
      for (const one of value) writer.uint32(tag(8, 0)).int64(one);
      writer.uint32(tag(20, 0)).int32(7);
    }
  });
}

function encodeConstant({ name, type, shape, values }: Constant): Uint8Array {
  return encode((writer) => {
    for (const size of shape) writer.uint32(tag(1, 0)).int64(size);
    writer.uint32(tag(2, 0)).int32(TYPES[type]);
    for (const value of values) {
      if (type === "float") writer.uint32(tag(4, 5)).float(value);
      else writer.uint32(tag(7, 0)).int64(value);
    }
    writer.uint32(tag(8, 2)).string(name);
  });
}

function encodeValueInfo({ name, type, shape }: ValueInfo): Uint8Array {
  const dimensions = encode((writer) => {
    for (const size of shape)
      writer.uint32(tag(1, 2)).bytes(
        encode((dimension) => {
          if (typeof size === "number") dimension.uint32(tag(1, 0)).int64(size);
          else dimension.uint32(tag(2, 2)).string(size);
        }),
      );
  });
  const tensor = encode((writer) =>
    writer.uint32(tag(1, 0)).int32(TYPES[type]).uint32(tag(2, 2)).bytes(dimensions),
  );
  return encode((writer) => {
    writer.uint32(tag(1, 2)).string(name);
    writer.uint32(tag(2, 2)).bytes(encode((value) => value.uint32(tag(1, 2)).bytes(tensor)));
  });
}

function encode(write: (writer: ProtobufWriter) => unknown): Uint8Array {
  const writer = Writer.create();
  write(writer);
  return writer.finish();
}

function tag(field: number, wireType: number): number {
  return (field << 3) | wireType;
}

/** A message whose length-delimited fields are what `change` makes of them. */
function rewrite(
  message: Uint8Array,
  change: (field: number, bytes: Uint8Array) => Uint8Array,
): Uint8Array {
  const reader = Reader.create(message);
  const parts: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const key = reader.uint32();
    if ((key & 7) === LENGTH_DELIMITED) {
      const value = change(key >>> 3, reader.bytes());
      parts.push(encode((writer) => writer.uint32(key).bytes(value)));
    } else {
      reader.skipType(key & 7);
      parts.push(message.subarray(start, reader.pos));
    }
  }
  return Buffer.concat(parts);
}

function nameOf(valueInfo: Uint8Array): string {
  let name = "";
  rewrite(valueInfo, (field, bytes) => {
    if (field === 1) name = Buffer.from(bytes).toString();
    return bytes;
  });
  return name;
}

function withName(valueInfo: Uint8Array, name: string): Uint8Array {
  return rewrite(valueInfo, (field, bytes) => (field === 1 ? Buffer.from(name) : bytes));
}
