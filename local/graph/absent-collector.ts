import type { ContainerDefinition } from "./container-definition.ts";

type Variables = Readonly<Record<string, string>>;

/** The addresses that OpenTelemetry sends to (OpenTelemetry specification, "OTLP Exporter Configuration"). */
const ENDPOINT = /^OTEL_EXPORTER_OTLP_(?:TRACES_|METRICS_|LOGS_)?ENDPOINT$/u;

/** What sends to an address of its own choice where none is given. */
const EXPORTER = /^OTEL_(?:TRACES|METRICS|LOGS)_EXPORTER$/u;

const LOOPBACK = ["127.0.0.1", "[::1]", "localhost"];

/**
 * The container to which another sends telemetry, where it does not run here: nobody would listen, and every attempt would leave a warning.
 *
 * @param absent the containers of the task that do not run here.
 */
export function absentCollector(
  environment: Variables,
  absent: readonly ContainerDefinition[],
): string | undefined {
  return endpoints(environment)
    .map(([, address]) => listener(address, absent))
    .find((name) => name !== undefined);
}

/** The environment of a container that sends nothing to what does not run here. */
export function withoutAbsentCollector(
  environment: Variables,
  absent: readonly ContainerDefinition[],
): Variables {
  if (absentCollector(environment, absent) === undefined) return environment;
  return Object.fromEntries(
    Object.entries(environment).filter(
      ([name, value]) =>
        !(ENDPOINT.test(name) && listener(value, absent) !== undefined) &&
        !(EXPORTER.test(name) && value === "otlp"),
    ),
  );
}

function endpoints(environment: Variables): [string, string][] {
  return Object.entries(environment).filter(([name]) => ENDPOINT.test(name));
}

/** The absent container that would listen at an address. */
function listener(address: string, absent: readonly ContainerDefinition[]): string | undefined {
  const url = URL.parse(address);
  if (url === null || !LOOPBACK.includes(url.hostname)) return undefined;
  return absent.find(({ portMappings }) =>
    portMappings.some(({ containerPort }) => containerPort === Number(url.port)),
  )?.name;
}
