/** How the engine's protocol marks values that are not plain JSON (sdk/nodejs/runtime/rpc.ts). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e";

type Fields = Readonly<Record<string, unknown>>;

/** Plain JSON of a value of the engine's protocol: secrets and outputs unwrapped, resources as their ids, assets as their paths. */
export function plain(value: unknown): unknown {
  return mapped(value, plain, (fields) => {
    switch (fields[SIGNATURE]) {
      case SECRET:
      case OUTPUT:
        return plain(fields["value"]);
      case RESOURCE:
        return fields["id"] ?? fields["urn"];
      default:
        return fields["path"] ?? fields["text"] ?? fields["uri"];
    }
  });
}

/**
 * The properties of a request as the engine hands them to a transform: secrets as outputs, and so is what depends on resources where the
 * resource has transforms of its own (pkg/resource/deploy/source_eval.go, `upgradeOutputValues`).
 *
 * @param dependencies URNs, by property.
 */
export function withOutputs(
  properties: Fields,
  dependencies: ReadonlyMap<string, readonly string[]>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(properties).map(([key, property]) => {
      const value = secretsAsOutputs(property);
      const urns = dependencies.get(key) ?? [];
      if (urns.length === 0) return [key, value];
      return [
        key,
        isOutput(value)
          ? { ...value, dependencies: urns }
          : { [SIGNATURE]: OUTPUT, value, dependencies: urns },
      ];
    }),
  );
}

function secretsAsOutputs(value: unknown): unknown {
  return mapped(value, secretsAsOutputs, (fields) =>
    fields[SIGNATURE] === SECRET
      ? { [SIGNATURE]: OUTPUT, value: secretsAsOutputs(fields["value"]), secret: true }
      : fields,
  );
}

/** The reverse: what a transform answers, as the mocks read it, who know secrets but no outputs. */
export function withoutOutputs(value: unknown): unknown {
  return mapped(value, withoutOutputs, (fields) => {
    if (fields[SIGNATURE] !== OUTPUT) return fields;
    const inner = withoutOutputs(fields["value"]);
    return fields["secret"] === true ? { [SIGNATURE]: SECRET, value: inner } : inner;
  });
}

/** The URNs that the outputs in a value depend on. */
export function dependenciesOf(value: unknown): string[] {
  if (value === null || typeof value !== "object") return [];
  const own = isOutput(value) ? value["dependencies"] : undefined;
  return [
    ...(Array.isArray(own) ? own.map(String) : []),
    ...Object.values(value).flatMap(dependenciesOf),
  ];
}

function isOutput(value: unknown): value is Fields {
  return value !== null && typeof value === "object" && (value as Fields)[SIGNATURE] === OUTPUT;
}

/** Where the secrets in a value are, as paths of keys and indices. */
export function secretPaths(value: unknown): string[][] {
  if (value === null || typeof value !== "object") return [];
  const fields = value as Fields;
  if (fields[SIGNATURE] === SECRET) return [[]];
  if (fields[SIGNATURE] === OUTPUT)
    return fields["secret"] === true ? [[]] : secretPaths(fields["value"]);
  return Object.entries(fields).flatMap(([key, part]) =>
    secretPaths(part).map((path) => [key, ...path]),
  );
}

/** Lists and objects by their parts, marked values by `marked`, all others as they are. */
function mapped(
  value: unknown,
  part: (value: unknown) => unknown,
  marked: (fields: Fields) => unknown,
): unknown {
  if (Array.isArray(value)) return value.map(part);
  if (value === null || typeof value !== "object") return value;
  if (SIGNATURE in value) return marked(value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, part(item)]));
}
