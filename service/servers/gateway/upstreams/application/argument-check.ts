import { AjvJsonSchemaValidator } from "@modelcontextprotocol/server/validators/ajv";
import type { JsonObject } from "../../../../runtime/relay.ts";
import { cut, isObject, type Operation } from "./operation.ts";

type Validator = ReturnType<AjvJsonSchemaValidator["getValidator"]>;

/** Names that every object has, so that Ajv finds them in arguments that have them not. */
const INHERITED =
  /"(?:constructor|hasOwnProperty|isPrototypeOf|propertyIsEnumerable|toLocaleString|toString|valueOf|__\w+__)"/u;

const LONGEST_PROBLEM = 2000;

/** Holds arguments against the schemas of tools, each of which is compiled once, when it is first needed. */
export class ArgumentCheck {
  /** One for each set of operations: it keeps what it has compiled for as long as it lives itself. */
  readonly #ajv = new AjvJsonSchemaValidator();
  readonly #validators = new Map<string, Validator>();

  /**
   * What is wrong with the arguments, in a sentence; undefined: nothing.
   *
   * @throws if the schema itself is no good.
   */
  problem(operation: Operation, given: JsonObject): string | undefined {
    const { inputSchema } = operation.tool;
    const unknown = unknownArguments(inputSchema, given);
    if (unknown.length > 0) {
      const known = Object.keys(propertiesOf(inputSchema)).map((name) => `\`${name}\``);
      return cut(
        `There is no argument ${unknown.map((name) => `\`${name}\``).join(", ")}. ${known.length === 0 ? "The tool takes none." : `The tool takes ${known.join(", ")}.`}`,
        LONGEST_PROBLEM,
      );
    }
    const { valid, errorMessage } = this.compile(operation)(given);
    if (valid) return undefined;
    return cut(
      `The arguments are not what the tool takes: ${errorMessage.replaceAll(/(^|, )data(?=[/ ])/gu, "$1arguments")}.`,
      LONGEST_PROBLEM,
    );
  }

  /** @throws if the schema is no good. */
  compile({ tool: { name, inputSchema } }: Operation): Validator {
    let validator = this.#validators.get(name);
    if (validator === undefined) {
      const check = this.#ajv.getValidator(inputSchema);
      validator = INHERITED.test(JSON.stringify(inputSchema))
        ? (given) => check(bare(given))
        : check;
      this.#validators.set(name, validator);
    }
    return validator;
  }
}

/** The same value, of objects that inherit nothing. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare);
  if (!isObject(value)) return value;
  const copy = Object.create(null) as Record<string, unknown>;
  for (const [key, each] of Object.entries(value)) copy[key] = bare(each);
  return copy;
}

/** Ajv does not name them. */
function unknownArguments(schema: JsonObject, given: JsonObject): readonly string[] {
  if (schema["additionalProperties"] !== false) return [];
  const known = propertiesOf(schema);
  return Object.keys(given).filter((name) => !Object.hasOwn(known, name));
}

function propertiesOf({ properties }: JsonObject): JsonObject {
  return isObject(properties) ? properties : {};
}
