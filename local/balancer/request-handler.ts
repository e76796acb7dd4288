import type { IncomingMessage, ServerResponse } from "node:http";
import type { Action, Rule } from "../graph/listeners.ts";
import type { FixedResponseAction, ForwardAction, RedirectAction } from "../graph/rule-actions.ts";
import type { Served } from "./balancer.ts";
import type { ClientConnection } from "./client-connection.ts";
import { Exchange, type Forwarded, type Outcome } from "./forward.ts";
import { requestHeaders } from "./headers.ts";
import { hasValidToken } from "./jwt-validation.ts";
import { KeySetError } from "./key-sets.ts";
import { respond } from "./pages.ts";
import { LONGEST_LOCATION, redirectLocation } from "./redirect.ts";
import { refusal } from "./request-limits.ts";
import type { RequestRecord } from "./request-record.ts";
import { ruleChooser, withoutPort, type RuleChooser } from "./rules.ts";
import type { RunningLoadBalancer } from "./running-load-balancer.ts";
import { rootOf, traceId } from "./trace-id.ts";
import { chooseTargetGroup } from "./weights.ts";

/** One request, and what is known of it so far. */
interface Visit {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly connection: ClientConnection;
  readonly path: string;
  readonly query: string;
  readonly host: string;
  readonly trace: string;
  /** Of the clock of the models. */
  readonly receivedAt: number;
  /** Of the machine: requests take the time that they take, however fast that clock goes. */
  readonly startedAt: number;
  rule: Rule | undefined;
}

type Known = Partial<
  Pick<
    RequestRecord,
    "targetGroup" | "target" | "targetZone" | "sentAt" | "targetMilliseconds" | "targetStatus"
  >
> &
  Pick<RequestRecord, "outcome" | "status">;

/** What a listener does with requests, by its rules. */
export class RequestHandler {
  readonly loadBalancer: RunningLoadBalancer;
  readonly #served: Served;
  readonly #rules: RuleChooser;
  readonly #onOutcome: (outcome: Outcome) => void;

  constructor(served: Served, onOutcome: (outcome: Outcome) => void) {
    this.loadBalancer = served.loadBalancer;
    this.#served = served;
    this.#rules = ruleChooser(served.listener);
    this.#onOutcome = onOutcome;
  }

  handle(incoming: IncomingMessage, outgoing: ServerResponse, connection: ClientConnection): void {
    // Nobody is there any more.
    if (connection.isLost) return;
    connection.requested();
    connection.node.requests++;
    if (connection.isTooOld) outgoing.shouldKeepAlive = false;
    const visit = this.#visit(incoming, outgoing, connection);
    const status = refusal(incoming);
    if (status !== undefined) {
      this.#refuse(visit, status);
      return;
    }
    visit.rule = this.#choose(visit);
    const { listener } = this.#served;
    const validation =
      visit.rule === undefined ? listener.defaultValidation : visit.rule.validation;
    const action = visit.rule?.action ?? listener.defaultAction;
    if (validation === undefined) {
      this.#act(visit, action);
      return;
    }
    const { date = () => Date.now() / 1000 } = this.loadBalancer.surroundings;
    const { keySets } = this.loadBalancer;
    void hasValidToken(
      incoming.headers.authorization,
      validation,
      (endpoint, id) => keySets.find(endpoint, id),
      date(),
    ).then(
      (isValid) => {
        if (isValid) this.#act(visit, action);
        // AWS documents neither the status nor a `WWW-Authenticate`; without one, clients of MCP are not told where to get a token.
        else this.#refuse(visit, 401);
      },
      (error: unknown) => {
        if (!(error instanceof KeySetError)) throw error;
        // Not forwarded, says AWS, and not with which status: that of an identity provider out of reach.
        this.#refuse(visit, 500);
      },
    );
  }

  #visit(incoming: IncomingMessage, outgoing: ServerResponse, connection: ClientConnection): Visit {
    // As it came: a URL parser would tidy the path up, or refuse it.
    const url = incoming.url ?? "/";
    const mark = url.indexOf("?");
    return {
      incoming,
      outgoing,
      connection,
      path: mark < 0 ? url : url.slice(0, mark),
      query: mark < 0 ? "" : url.slice(mark + 1),
      host: this.#served.hostName ?? incoming.headers.host ?? "",
      trace: traceId(incoming.headers["x-amzn-trace-id"]),
      receivedAt: this.loadBalancer.surroundings.clock.now(),
      startedAt: performance.now(),
      rule: undefined,
    };
  }

  #choose({ incoming, path, query, host }: Visit): Rule | undefined {
    let parsed: URLSearchParams | undefined;
    return this.#rules.choose({
      method: incoming.method ?? "GET",
      path,
      // Most rules do not look at it.
      get query() {
        return (parsed ??= new URLSearchParams(query));
      },
      host,
      headers: incoming.headers,
      sourceAddress: incoming.socket.remoteAddress ?? "",
    });
  }

  #act(visit: Visit, action: Action): void {
    // While its token was looked at, the client may have left, or the node lost its power.
    if (visit.outgoing.destroyed || visit.connection.isLost) return;
    switch (action.type) {
      case "fixed-response":
        this.#answer(visit, action);
        return;
      case "redirect":
        this.#redirect(visit, action);
        return;
      case "forward":
        this.#forward(visit, action);
    }
  }

  #answer(visit: Visit, { status, contentType, body, type }: FixedResponseAction): void {
    respond(visit.outgoing, status, contentType, body);
    this.#record(visit, { status, outcome: undefined }, 0, type);
  }

  #redirect(visit: Visit, action: RedirectAction): void {
    const { protocol, port } = this.#served.listener;
    const location = redirectLocation(action, {
      protocol,
      host: withoutPort(visit.incoming.headers.host ?? ""),
      port,
      path: visit.path,
      query: visit.query,
    });
    if (location.length > LONGEST_LOCATION) {
      this.#refuse(visit, 507);
      return;
    }
    const { status, type } = action;
    visit.outgoing.writeHead(status, {
      Server: "awselb/2.0",
      "Content-Type": "text/html",
      "Content-Length": 0,
      Location: location,
    });
    visit.outgoing.end();
    this.#record(visit, { status, outcome: undefined }, 0, type);
  }

  #forward(visit: Visit, action: ForwardAction): void {
    const { incoming, outgoing, connection } = visit;
    const { clock, lostZones, random = Math.random, targetGroup } = this.loadBalancer.surroundings;
    const weights = this.loadBalancer.weightsOf(visit.rule, action);
    const arn = chooseTargetGroup(weights, random());
    const destination =
      arn === undefined ? undefined : targetGroup(arn)?.next(connection.node.zone);
    if (destination === undefined) {
      this.#refuse(visit, 503, arn);
      return;
    }
    const { target } = destination;
    const sentAt = clock.now();
    const { protocol, port } = this.#served.listener;
    const exchange = new Exchange(incoming, outgoing, destination, {
      clock,
      headers: requestHeaders(incoming.rawHeaders, this.loadBalancer.declared, {
        peerAddress: incoming.socket.remoteAddress ?? "",
        peerPort: incoming.socket.remotePort ?? 0,
        protocol,
        port,
        trace: visit.trace,
      }),
      isTargetLost: lostZones.isLost(target.zone),
      touch: () => {
        connection.touch();
      },
      ended: (forwarded: Forwarded) => {
        connection.exchanges.delete(exchange);
        const { bytes, ...rest } = forwarded;
        const known = { targetGroup: arn, target: target.id, targetZone: target.zone, sentAt };
        this.#record(visit, { ...rest, ...known }, bytes);
      },
    });
    connection.exchanges.add(exchange);
  }

  #refuse(visit: Visit, status: number, targetGroup?: string): void {
    const { incoming, outgoing, connection } = visit;
    if (outgoing.destroyed || connection.isLost) return;
    // What is left of the request would be taken for the next one.
    if (!incoming.complete) incoming.resume();
    respond(outgoing, status);
    this.#record(visit, { status, outcome: undefined, targetGroup });
  }

  #record(visit: Visit, known: Known, bytes = 0, ofRule?: "fixed-response" | "redirect"): void {
    const { onRecord } = this.loadBalancer.surroundings;
    const { metrics } = this.loadBalancer;
    if (known.outcome !== undefined) this.#onOutcome(known.outcome);
    if (onRecord === undefined && metrics === undefined) return;
    const record: RequestRecord = {
      receivedAt: visit.receivedAt,
      loadBalancer: this.loadBalancer.declared.name,
      nodeZone: visit.connection.node.zone,
      method: visit.incoming.method ?? "",
      path: visit.path,
      traceId: rootOf(visit.trace),
      rule: visit.rule?.name,
      totalMilliseconds: performance.now() - visit.startedAt,
      targetGroup: undefined,
      target: undefined,
      targetZone: undefined,
      sentAt: undefined,
      targetMilliseconds: undefined,
      targetStatus: undefined,
      ...known,
    };
    onRecord?.(record);
    // A node without power tells nobody anything.
    if (!visit.connection.isLost) metrics?.record(record, bytes, ofRule);
  }
}
