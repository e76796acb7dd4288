import type { ContainerDefinition } from "./container-definition.ts";

type Variables = Readonly<Record<string, string>>;

/** The addresses that OpenTelemetry sends to (OpenTelemetry specification, "OTLP Exporter Configuration"). */
const ENDPOINT = /^OTEL_EXPORTER_OTLP_(?:TRACES_|METRICS_|LOGS_)?ENDPOINT$/u;

/** What sends to an address of its own choice where none is given. */
const EXPORTER = /^OTEL_(?:TRACES|METRICS|LOGS)_EXPORTER$/u;

/**
 * Where a collector that does not run here would listen by HTTP; a run puts the address of its own stand-in in this place. The name can never be
 * resolved (RFC 6761, `invalid`).
 */
export const ABSENT_COLLECTOR = "http://collector.invalid";

const PROTOCOL = /^OTEL_EXPORTER_OTLP_(?:TRACES_|METRICS_|LOGS_)?PROTOCOL$/u;

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

/** Whether others of its task send their telemetry to a container. */
export function isCollectorOf(
  container: ContainerDefinition,
  others: readonly ContainerDefinition[],
): boolean {
  return others.some(
    ({ name, environment }) =>
      name !== container.name &&
      absentCollector(
        Object.fromEntries(environment.map((variable) => [variable.name, variable.value])),
        [container],
      ) !== undefined,
  );
}

/**
 * The environment of a container that sends nothing to what does not run here: by HTTP it sends to the stand-in, and by gRPC, which that does not
 * speak, nothing at all.
 */
export function withoutAbsentCollector(
  environment: Variables,
  absent: readonly ContainerDefinition[],
): Variables {
  if (absentCollector(environment, absent) === undefined) return environment;
  if (!speaksGrpc(environment)) {
    return Object.fromEntries(
      Object.entries(environment).map(([name, value]) => [
        name,
        ENDPOINT.test(name) && listener(value, absent) !== undefined
          ? ABSENT_COLLECTOR + pathOf(value)
          : value,
      ]),
    );
  }
  return Object.fromEntries(
    Object.entries(environment).filter(
      ([name, value]) =>
        !(ENDPOINT.test(name) && listener(value, absent) !== undefined) &&
        !(EXPORTER.test(name) && value === "otlp"),
    ),
  );
}

/** HTTP is the default (OpenTelemetry specification, "Specify Protocol"). */
export function speaksGrpc(environment: Variables): boolean {
  return Object.entries(environment).some(
    ([name, value]) => PROTOCOL.test(name) && value === "grpc",
  );
}

function pathOf(address: string): string {
  const path = new URL(address).pathname;
  return path === "/" ? "" : path;
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
