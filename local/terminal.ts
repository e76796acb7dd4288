import { styleText } from "node:util";
import type { WriteStream } from "node:tty";
import { levelOf } from "./console/event-level.ts";
import type { Endpoint } from "./endpoints.ts";
import type { RunEvents, StandIn } from "./run.ts";
import type { EventLine } from "./snapshot/snapshot.ts";
import type { Stack } from "./graph/stack.ts";

type Style = Parameters<typeof styleText>[0];

/** Tells a person what happens, line by line. */
export class Terminal implements Omit<RunEvents, "forwarded"> {
  readonly #stream: WriteStream | NodeJS.WritableStream;
  readonly #logs: boolean;
  readonly #started = performance.now();

  constructor(stream: WriteStream | NodeJS.WritableStream, { logs }: { readonly logs: boolean }) {
    this.#stream = stream;
    this.#logs = logs;
  }

  begin(program: string): void {
    this.#line(`${this.#style("bold", "pulumi-mcp-service")}  evaluating ${relativeTo(program)} …`);
  }

  declared(stack: Stack, endpoints: readonly Endpoint[]): void {
    const origins = [...new Set(endpoints.map(({ url }) => new URL(url).origin))];
    this.#line("");
    for (const [index, loadBalancer] of stack.loadBalancers.entries()) {
      this.#line(`  load balancer  ${loadBalancer.name.padEnd(12)} ${origins[index] ?? ""}`);
      for (const { rules } of loadBalancer.listeners) {
        for (const rule of rules) {
          const paths = rule.conditions.flatMap((condition) =>
            condition.field === "path" ? condition.values : [],
          );
          this.#line(
            this.#style("dim", `    rule         ${rule.name.padEnd(12)} ${paths.join("  ")}`),
          );
        }
      }
    }
    for (const service of stack.services) {
      this.#line(
        `  service        ${service.name.padEnd(12)} ${service.desiredCount} replicas over ${service.zones.length} zones`,
      );
    }
    this.#line("");
  }

  /** Where a person can watch the start. */
  page(url: string | undefined): void {
    if (url === undefined) return;
    this.#line(`  page           ${this.#style("cyan", url)}`);
    this.#line("");
  }

  /**
   * @param page where a person can look at the run; undefined where there is no page.
   * @param missing the names of the services that are not started.
   */
  ready(
    endpoints: readonly Endpoint[],
    sampleData: boolean,
    page: string | undefined,
    missing: readonly string[] = [],
  ): void {
    this.#line("");
    this.#line(
      this.#style(
        "green",
        `Ready after ${((performance.now() - this.#started) / 1000).toFixed(1)} s.`,
      ),
    );
    for (const { service, url, token, issuer } of endpoints) {
      this.#line("");
      this.#line(`  ${this.#style("bold", service)}`);
      this.#line(`  URL    ${this.#style("cyan", url)}`);
      this.#line(
        `  token  ${token ?? (issuer === undefined ? "none: everybody may call" : `one of ${issuer}`)}`,
      );
      if (isAccessToken(token)) this.#line(this.#style("dim", EXPIRES));
      if (missing.includes(service))
        this.#line(
          `  ${this.#style("yellow", "not started: its model is not on this machine, see above")}`,
        );
    }
    if (page !== undefined) {
      this.#line("");
      this.#line(`  ${this.#style("bold", "page")}   ${this.#style("cyan", page)}`);
    }
    const first = endpoints.find(({ service }) => !missing.includes(service));
    if (first !== undefined) {
      this.#line("");
      this.#line("Try it:");
      this.#line("");
      this.#line(tryIt(first));
    }
    this.#line("");
    if (sampleData)
      this.#line(
        this.#style(
          "yellow",
          "The weather is sample data: a stand-in answers for api.weather.gov.",
        ),
      );
    this.#line(
      this.#style(
        "dim",
        `Enter shows the state. Ctrl-C ends everything. kill -USR2 ${process.pid} rolls out what the program declares now. --logs shows what the replicas write.`,
      ),
    );
  }

  lines(lines: readonly string[]): void {
    for (const line of lines) this.#line(line);
  }

  deployed(): void {
    this.#line(this.#style("green", "Deployment complete."));
  }

  end(): void {
    this.#line("");
    this.#line("Stopping …");
  }

  happened(
    service: string,
    text: string,
    task?: { readonly id: string; readonly zone: string },
  ): void {
    const who = task === undefined ? service : `${service} ${task.id.slice(0, 6)} ${task.zone}`;
    this.#event(who, this.#style(STYLES[levelOf(text)], text));
  }

  line(service: string, task: string, text: string): void {
    // Metrics are lines, too, every 10 seconds from every replica; nothing here reads them, and nobody would.
    if (this.#logs && !text.startsWith(EMBEDDED_METRICS))
      this.#line(`  ${this.#style("dim", `${service} ${task.slice(0, 6)} │`)} ${text}`);
  }

  refused(sentence: string, by: StandIn): void {
    this.#event(`${by}'s stand-in`, this.#style("red", sentence));
  }

  #event(who: string, what: string): void {
    this.#line(`  ${this.#style("dim", time())}  ${who.padEnd(28)}  ${what}`);
  }

  #style(style: Style, text: string): string {
    // Colours only where a person looks, and never against their will (no-color.org).
    return styleText(style, text, { stream: this.#stream, validateStream: true });
  }

  #line(text: string): void {
    this.#stream.write(`${text}\n`);
  }
}

/** Tokens of the stand-in for Cognito have the three parts of a JWT; static ones have one. */
function isAccessToken(token: string | undefined): boolean {
  return token?.split(".").length === 3;
}

/** How lines of the CloudWatch embedded metric format begin. */
const EMBEDDED_METRICS = '{"_aws":';

const EXPIRES =
  "         from the stand-in for Cognito; it expires as declared, after an hour by default. Start again for another.";

const STYLES: Readonly<Record<EventLine["level"], Style>> = {
  good: "green",
  bad: "red",
  information: "reset",
};

function time(): string {
  return new Date().toTimeString().slice(0, 8);
}

function relativeTo(path: string): string {
  const here = `${process.cwd()}/`;
  return path.startsWith(here) ? path.slice(here.length) : path;
}

/** A command that calls a tool list: every server has one. */
function tryIt({ url, token }: Endpoint): string {
  return [
    `  curl -s ${url} \\`,
    ...(token === undefined ? [] : [`    -H 'Authorization: Bearer ${token}' \\`]),
    `    -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' \\`,
    `    -d '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'`,
  ].join("\n");
}
