import type { JsonObject, RelayContext, RelayRequest } from "../../runtime/relay.ts";
import { authorizationOf } from "./catalogue/authorization.ts";
import type { Catalogue } from "./catalogue/catalogue.ts";
import type { Member } from "./catalogue/member.ts";
import type { Route, View } from "./catalogue/view.ts";
import { notThereYet, unknownResource, unknownTarget } from "./errors.ts";
import { matches, prefixOf, SEPARATOR } from "./names.ts";
import { permits, satisfies } from "./rules.ts";

/** A request as its upstream gets it. */
export interface Routed {
  readonly route: Pick<Route, "member" | "own">;
  readonly request: RelayRequest;
  /** The name that clients call the tool or prompt by. */
  readonly name: string | undefined;
  readonly limits: { readonly timeoutMilliseconds: number; readonly repeatable: boolean };
}

export interface RoutingOptions {
  readonly catalogue: Catalogue;
  /** What stands before scopes in tokens. */
  readonly scopePrefix: string;
}

/** Finds where requests go. */
export class Routing {
  readonly #catalogue: Catalogue;
  readonly #scopePrefix: string;

  constructor({ catalogue, scopePrefix }: RoutingOptions) {
    this.#catalogue = catalogue;
    this.#scopePrefix = scopePrefix;
  }

  /** @throws {RelayError} where there is nothing of that name for the caller. */
  route(request: RelayRequest, context: RelayContext): Routed | Promise<Routed> {
    const { method, params } = request;
    switch (method) {
      case "tools/call":
        return this.#named(request, context, "tool");
      case "prompts/get":
        return this.#named(request, context, "prompt");
      case "resources/read":
        return this.#resource(request, context, params["uri"]);
      case "completion/complete":
        return this.#completion(request, context);
    }
  }

  /** What the caller has been listed is found at once. */
  #named(
    request: RelayRequest,
    context: RelayContext,
    what: "tool" | "prompt",
  ): Routed | Promise<Routed> {
    const { name } = request.params;
    if (typeof name !== "string") throw unknownTarget(what, name);
    const view = this.#catalogue.view(context.caller);
    const route = (what === "tool" ? view.tools : view.prompts).get(name);
    return route === undefined
      ? this.#namedLater(request, context, what, name)
      : routedTo(route, request, what, name);
  }

  async #namedLater(
    request: RelayRequest,
    context: RelayContext,
    what: "tool" | "prompt",
    name: string,
  ): Promise<Routed> {
    const route = await this.#find(
      context,
      (view) => (what === "tool" ? view.tools : view.prompts).get(name),
      (member) => this.#guess(member, name, what, context),
    );
    if (route === undefined) throw this.#missing(name, context) ?? unknownTarget(what, name);
    return routedTo(route, request, what, name);
  }

  async #resource(request: RelayRequest, context: RelayContext, uri: unknown): Promise<Routed> {
    const route =
      typeof uri === "string" ? await this.#find(context, (view) => view.resource(uri)) : undefined;
    if (route === undefined) throw unknownResource(uri);
    return { route, request, name: undefined, limits: limitsOf(route.member) };
  }

  async #completion(request: RelayRequest, context: RelayContext): Promise<Routed> {
    const { ref } = request.params;
    const { type, name, uri } = isObject(ref) ? ref : {};
    if (type === "ref/prompt" && typeof name === "string") {
      const route = await this.#find(context, ({ prompts }) => prompts.get(name));
      if (route === undefined) throw unknownTarget("prompt", name);
      const params = { ...request.params, ref: { ...(ref as JsonObject), name: route.own } };
      return { route, name, request: { ...request, params }, limits: limitsOf(route.member) };
    }
    if (type !== "ref/resource" || typeof uri !== "string")
      throw unknownTarget("resource template", uri);
    const route = await this.#find(
      context,
      (view) => view.resourceTemplates.get(uri) ?? view.resource(uri),
    );
    if (route === undefined) throw unknownTarget("resource template", uri);
    return { route, request, name: undefined, limits: limitsOf(route.member) };
  }

  /**
   * Looks into what the caller has been listed. Where an upstream lists to callers alone and has not been asked for this one yet, as after another
   * replica has served the list, a guess saves asking for the list first.
   */
  async #find(
    context: RelayContext,
    look: (view: View) => Route | undefined,
    guess: (member: Member) => Pick<Route, "member" | "own"> | undefined = () => undefined,
  ): Promise<Pick<Route, "member" | "own"> | undefined> {
    const { caller } = context;
    const known = look(this.#catalogue.view(caller));
    if (known !== undefined || caller === undefined) return known;
    const unasked = this.#catalogue.members.filter(
      (member) =>
        member.isPrivate && member.connection.callers.of(authorizationOf(caller)) === undefined,
    );
    for (const member of unasked) {
      const guessed = guess(member);
      if (guessed !== undefined) return guessed;
    }
    const wait = this.#catalogue.prepare(context, unasked);
    if (wait === undefined) return undefined;
    await wait;
    return look(this.#catalogue.view(caller));
  }

  /** The gateway's own list tells what the names of an upstream lead to; whether the caller may use it, the rules say, and the upstream itself. */
  #guess(
    member: Member,
    name: string,
    what: "tool" | "prompt",
    context: RelayContext,
  ): Pick<Route, "member" | "own"> | undefined {
    const { accepted } = member;
    const parts = what === "tool" ? accepted?.named.tools : accepted?.named.prompts;
    const part = parts?.find((each) => each.name === name);
    if (part === undefined || (what === "tool" && !this.#permits(member, name, context)))
      return undefined;
    return { member, own: part.own };
  }

  #permits(member: Member, name: string, { caller }: RelayContext): boolean {
    return permits(name, member.configuration.rules, (rule) =>
      satisfies(caller, rule, this.#scopePrefix),
    );
  }

  /** Another replica may have listed what this one has not been told of yet: for as long as upstreams are given to come back. */
  #missing(name: string, context: RelayContext): Error | undefined {
    const member = this.#catalogue.awaited.find((each) => {
      const prefix = prefixOf(each.name, each.wanted);
      return prefix !== false && name.startsWith(prefix + SEPARATOR);
    });
    if (member === undefined || !this.#permits(member, name, context)) return undefined;
    return notThereYet(member.name);
  }
}

function routedTo(
  route: Pick<Route, "member" | "own">,
  { method, params, argumentsText, parameterHeaders }: RelayRequest,
  what: "tool" | "prompt",
  name: string,
): Routed {
  const { member, own } = route;
  return {
    route,
    name,
    request: {
      method,
      params: { ...params, name: own },
      ...(argumentsText === undefined ? {} : { argumentsText }),
      parameterHeaders,
    },
    limits: what === "tool" ? limitsOfTool(member, own) : limitsOf(member),
  };
}

function limitsOfTool({ configuration }: Member, own: string): Routed["limits"] {
  const { timeoutSeconds, toolTimeouts, idempotentTools } = configuration;
  const seconds = Object.hasOwn(toolTimeouts, own) ? toolTimeouts[own] : undefined;
  return {
    timeoutMilliseconds: (seconds ?? timeoutSeconds) * 1000,
    repeatable: idempotentTools.some((pattern) => matches(pattern, own)),
  };
}

/** Reads, prompts and completions have no effect, so they may be repeated. */
function limitsOf({ configuration }: Member): Routed["limits"] {
  return { timeoutMilliseconds: configuration.timeoutSeconds * 1000, repeatable: true };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
