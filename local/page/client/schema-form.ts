import { element, type Element } from "./element.ts";

/** One argument of a tool, as its form asks for it. */
export interface Field {
  readonly name: string;
  readonly title: string;
  readonly description: string | undefined;
  readonly required: boolean;
  readonly input: "text" | "number" | "integer" | "boolean" | "choice" | "json";
  readonly choices: readonly string[];
  /** What the form begins with. */
  readonly initial: string;
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
}

type Schema = Readonly<Record<string, unknown>>;

/** The fields for the properties of a JSON schema; what has no simple field is written as JSON. */
export function fieldsOf({ properties, required }: Schema): readonly Field[] {
  const needed: readonly unknown[] = Array.isArray(required) ? required : [];
  return Object.entries(isSchema(properties) ? properties : {}).map(([name, value]) => {
    const schema = isSchema(value) ? value : {};
    const choices = Array.isArray(schema["enum"]) ? schema["enum"].map(String) : [];
    const first = schema["default"] ?? (schema["examples"] as unknown[] | undefined)?.[0];
    return {
      name,
      title: typeof schema["title"] === "string" ? schema["title"] : name,
      description: typeof schema["description"] === "string" ? schema["description"] : undefined,
      required: needed.includes(name),
      input: inputOf(schema, choices),
      choices,
      initial: first === undefined ? "" : typeof first === "string" ? first : JSON.stringify(first),
      minimum: typeof schema["minimum"] === "number" ? schema["minimum"] : undefined,
      maximum: typeof schema["maximum"] === "number" ? schema["maximum"] : undefined,
    };
  });
}

function inputOf({ type, enum: values }: Schema, choices: readonly string[]): Field["input"] {
  // A choice of numbers would come back as words.
  if (
    choices.length > 0 &&
    Array.isArray(values) &&
    values.every((each) => typeof each === "string")
  )
    return "choice";
  if (type === "string") return "text";
  if (type === "number" || type === "integer" || type === "boolean") return type;
  return "json";
}

/**
 * The arguments that a filled form stands for; empty fields are left out.
 *
 * @throws {Error} with a sentence, where a field holds no value of its type.
 */
export function argumentsOf(
  fields: readonly Field[],
  value: (name: string) => string | undefined,
): Record<string, unknown> {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const text = value(field.name) ?? "";
      return text === "" ? [] : [[field.name, typed(field, text)]];
    }),
  );
}

function typed({ input, name }: Field, text: string): unknown {
  if (input === "text" || input === "choice") return text;
  if (input === "boolean") return text === "true";
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Error(
      `\`${name}\` is \`${text}\`, which is no JSON. Write a value such as ["a", "b"].`,
    );
  }
}

/** A field with its name and what it is for. */
export function fieldElement(field: Field): Element {
  const id = `argument-${field.name}`;
  const shared = {
    id,
    name: field.name,
    required: field.required,
    "aria-describedby": field.description === undefined ? undefined : `${id}-description`,
  };
  return element(
    "div",
    { key: id, class: "field" },
    element(
      "label",
      { for: id },
      field.title,
      element("small", {}, field.required ? "required" : "optional"),
    ),
    control(field, shared),
    field.description !== undefined &&
      element("p", { id: `${id}-description`, class: "note" }, field.description),
  );
}

function control(
  field: Field,
  shared: Readonly<Record<string, string | boolean | undefined>>,
): Element {
  const { input, initial } = field;
  if (input === "choice" || input === "boolean") {
    const choices = input === "boolean" ? ["true", "false"] : field.choices;
    return element(
      "select",
      shared,
      !field.required && element("option", { value: "" }, "not given"),
      choices.map((choice) =>
        element("option", { value: choice, selected: choice === initial }, choice),
      ),
    );
  }
  if (input === "json")
    return element("textarea", { ...shared, rows: 3, spellcheck: "false" }, initial);
  return element("input", {
    ...shared,
    type: input === "text" ? "text" : "number",
    step: input === "integer" ? 1 : input === "number" ? "any" : undefined,
    min: field.minimum,
    max: field.maximum,
    value: initial,
    autocomplete: "off",
  });
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
