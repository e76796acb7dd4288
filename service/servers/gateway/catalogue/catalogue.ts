import type { ServerNotifier } from "@modelcontextprotocol/server";
import type { Caller } from "../../../runtime/caller.ts";
import type { Offers, RelayContext } from "../../../runtime/relay.ts";
import type { UpstreamConfiguration } from "../upstream-configuration.ts";
import { authorizationOf } from "./authorization.ts";
import { collisionsOf, sharedResources, type OwnedListing } from "./collisions.ts";
import type { CatalogueSurroundings } from "./connection.ts";
import { Member } from "./member.ts";
import { nameListing, type NamedListing } from "./named-listing.ts";
import { createViews, type Views } from "./views.ts";
import type { View } from "./view.ts";

/** How long the first lists are waited for; upstreams that take longer appear when they answer. */
const DISCOVERY_MILLISECONDS = 2000;

export interface CatalogueOptions extends CatalogueSurroundings {
  readonly changes: ServerNotifier;
  readonly scopePrefix: string;
  /** Names that no upstream may give to a tool, and whose they are. */
  readonly reserved: OwnedListing;
  /** What stands in the place of what a view offers. */
  readonly presented: (view: View) => Omit<Offers, "cache">;
}

type Asker = Pick<RelayContext, "caller" | "callerToken" | "carrier">;

/** Everything that stands behind the gateway, as its callers see it. */
export class Catalogue {
  readonly #options: CatalogueOptions;
  readonly #members = new Map<string, Member>();
  #views: Views;
  #signatures: Signatures = { tools: "", prompts: "", resources: "", rest: "" };
  #watched: ReadonlySet<string> = new Set();
  /** What each connection has been told to watch. */
  readonly #told = new WeakMap<object, string>();
  /** Upstreams whose configuration no client could be made of. */
  readonly #unusable = new Set<string>();
  /** What has been said of lists that are no good. */
  readonly #said = new Set<string>();
  /** Lists are held against each other when all have answered, so that it does not matter who was first. */
  #isHeld = true;
  #cancelGrace: () => void = () => undefined;
  readonly #closing = new Set<Promise<void>>();

  constructor(options: CatalogueOptions) {
    this.#options = options;
    this.#views = this.#createViews();
  }

  /** How many upstreams have a configuration that no client could be made of, or a list that collides. */
  get problems(): number {
    return this.#unusable.size + this.members.filter(({ refused }) => refused !== undefined).length;
  }

  /** In the order of their names. */
  get members(): readonly Member[] {
    return [...this.#members.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  /** Upstreams that have not listed anything yet, and were configured no longer ago than the grace. */
  get awaited(): readonly Member[] {
    const { clock, graceMilliseconds } = this.#options;
    return this.members.filter(
      ({ connection: { own }, since }) =>
        own !== undefined && own.kept === undefined && clock.now() < since + graceMilliseconds,
    );
  }

  /** The scopes that rules ask for, without the prefix, each once and in the order of their names. */
  get scopes(): readonly string[] {
    const rules = this.members.flatMap(({ configuration }) => configuration.rules);
    return [...new Set(rules.flatMap(({ scopes }) => scopes))].sort();
  }

  view(caller: Caller | undefined): View {
    return this.#views.of(caller);
  }

  offers(caller: Caller | undefined): Offers {
    return this.#views.offers(caller);
  }

  /** Asks for the lists that belong to one caller alone. @returns what to wait for, if anything; it never rejects. */
  prepare(
    asker: Asker,
    members: Iterable<Member> = this.#members.values(),
  ): Promise<void> | undefined {
    const { caller } = asker;
    if (caller === undefined) return undefined;
    const waits = [...members].flatMap((member) =>
      member.isPrivate
        ? (member.connection.callers.prepare(authorizationOf(caller), asker) ?? [])
        : [],
    );
    return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined);
  }

  /** Makes what is configured what is there. */
  configure(upstreams: ReadonlyMap<string, UpstreamConfiguration>): void {
    this.#unusable.clear();
    for (const member of this.members)
      if (!upstreams.has(member.name)) {
        this.#members.delete(member.name);
        const closing = member.close();
        this.#closing.add(closing);
        void closing.then(() => this.#closing.delete(closing));
      }
    for (const [name, configuration] of upstreams)
      try {
        const member = this.#members.get(name);
        if (member === undefined) this.#members.set(name, this.#createMember(name, configuration));
        else member.configure(configuration);
      } catch (error) {
        this.#unusable.add(name);
        // One that cannot be opened must not keep the others from being changed.
        this.#options.log.error(
          { upstream: name, err: error },
          `The configuration of the upstream \`${name}\` cannot be used. ${this.#members.has(name) ? "The one before stays in use." : "It is left out."}`,
        );
      }
    this.#settle();
  }

  /**
   * Waits for the first lists of all upstreams, 2 seconds at most.
   *
   * @returns what collides, each as a sentence with the way out.
   */
  async discover(): Promise<readonly string[]> {
    const { clock } = this.#options;
    const asked = Promise.all(
      this.members.flatMap(({ connection }) => connection.own?.asked ?? []),
    );
    await new Promise<void>((resolve) => {
      const cancel = clock.after(DISCOVERY_MILLISECONDS, resolve);
      void asked.then(() => {
        cancel();
        resolve();
      });
    });
    this.#isHeld = false;
    return this.#settle();
  }

  /** The resources whose changes clients want to know. */
  watchResources(uris: ReadonlySet<string>): void {
    this.#watched = uris;
    this.#tellWatched();
  }

  /** Lets calls end, then closes everything. */
  async close(): Promise<void> {
    this.#isHeld = true;
    this.#cancelGrace();
    await Promise.all([...this.#closing, ...this.members.map((member) => member.close())]);
  }

  #createMember(name: string, configuration: UpstreamConfiguration): Member {
    return new Member(name, configuration, this.#options, {
      answered: () => {
        this.#settle();
      },
      callerChanged: () => {
        // Which caller it is cannot be told to that one alone; whoever asks gets what is theirs.
        const { changes } = this.#options;
        changes.toolsChanged();
        changes.promptsChanged();
        changes.resourcesChanged();
      },
      resourceChanged: (uri) => {
        this.#options.changes.resourceUpdated(uri);
      },
    });
  }

  /** Takes over what upstreams list now, as far as it does not collide. @returns what collides. */
  #settle(): readonly string[] {
    if (this.#isHeld) return [];
    const { members } = this;
    let refused = new Map<Member, readonly string[]>();
    // What is given up by one may be free for another; each turn settles at least one of them.
    for (let turn = 0; turn <= members.length; turn += 1) {
      refused = new Map();
      let isSettled = true;
      for (const member of members) {
        const before = member.accepted;
        const sentences = this.#update(member, members);
        if (sentences.length > 0) refused.set(member, sentences);
        if (member.accepted !== before) isSettled = false;
      }
      if (isSettled) break;
    }
    for (const member of members) this.#report(member, refused.get(member) ?? []);
    this.#warn(
      sharedResources(
        members.flatMap(({ name, accepted }) =>
          accepted === undefined ? [] : [{ upstream: name, listing: accepted.named }],
        ),
      ),
    );
    this.#waitForGrace();
    this.#announce();
    this.#tellWatched();
    return [...refused.values()].flat();
  }

  #update(member: Member, members: readonly Member[]): readonly string[] {
    const { listed, wanted, accepted } = member;
    if (listed === undefined) {
      member.accepted = undefined;
      return [];
    }
    const isSame = accepted?.configuration === wanted && accepted.digest === listed.digest;
    if (isSame) return [];
    const named = nameListing(member.name, wanted, listed.listing);
    const others = members.flatMap(({ name: upstream, accepted: other }) =>
      other === undefined ? [] : [{ upstream, listing: other.named }],
    );
    const sentences = collisionsOf({ upstream: member.name, listing: named }, [
      this.#options.reserved,
      ...others,
    ]);
    if (sentences.length === 0)
      member.accepted = { configuration: wanted, digest: listed.digest, named };
    return sentences;
  }

  #report(member: Member, sentences: readonly string[]): void {
    const { log } = this.#options;
    const refused = sentences.length === 0 ? undefined : sentences.join(" ");
    if (refused !== undefined && refused !== member.refused)
      log.error(
        { upstream: member.name },
        `${refused} ${member.accepted === undefined ? `\`${member.name}\` is left out until then.` : `What \`${member.name}\` has listed before stays in use.`}`,
      );
    member.refused = refused;
    this.#warn(member.accepted?.named.leftOut ?? [], member.name);
  }

  /** Says each sentence once. */
  #warn(sentences: readonly string[], upstream?: string): void {
    for (const sentence of sentences) {
      if (this.#said.has(sentence)) continue;
      if (this.#said.size >= MOST_SAID) this.#said.clear();
      this.#said.add(sentence);
      this.#options.log.warn(upstream === undefined ? {} : { upstream }, sentence);
    }
  }

  /** Takes the tools of an upstream that is gone away when its grace is over. */
  #waitForGrace(): void {
    const { clock } = this.#options;
    this.#cancelGrace();
    const next = this.members.flatMap(({ accepted, graceUntil }) =>
      accepted === undefined || graceUntil === undefined ? [] : [graceUntil],
    );
    if (next.length === 0) return;
    this.#cancelGrace = clock.after(Math.max(0, Math.min(...next) - clock.now()), () => {
      this.#settle();
    });
  }

  /** Tells clients what has changed for any of them. */
  #announce(): void {
    const { changes } = this.#options;
    const before = this.#signatures;
    const now = sign(this.members);
    this.#signatures = now;
    if (KINDS.every((kind) => before[kind] === now[kind])) return;
    this.#views = this.#createViews();
    if (before.tools !== now.tools) changes.toolsChanged();
    if (before.prompts !== now.prompts) changes.promptsChanged();
    if (before.resources !== now.resources) changes.resourcesChanged();
  }

  #createViews(): Views {
    const { scopePrefix, clock, log, presented } = this.#options;
    return createViews({ members: this.members, scopePrefix, clock, log, presented });
  }

  #tellWatched(): void {
    for (const { connection, accepted } of this.members) {
      const uris = [...this.#watched].filter((uri) => owns(accepted?.named, uri)).sort();
      const told = JSON.stringify(uris);
      if ((this.#told.get(connection) ?? "[]") === told) continue;
      this.#told.set(connection, told);
      connection.upstream.watchResources(new Set(uris));
    }
  }
}

/** As many sentences as are remembered, so that each is said once. */
const MOST_SAID = 1000;

const KINDS = ["tools", "prompts", "resources", "rest"] as const;
type Signatures = Readonly<Record<(typeof KINDS)[number], string>>;

function sign(members: readonly Member[]): Signatures {
  const of = (kind: keyof Signatures): string =>
    JSON.stringify(members.flatMap((member) => signature(member, kind)));
  return {
    tools: of("tools"),
    prompts: of("prompts"),
    resources: of("resources"),
    rest: of("rest"),
  };
}

function signature(
  { name, accepted, isPrivate, configuration }: Member,
  kind: keyof Signatures,
): unknown[] {
  const { named } = accepted ?? {};
  // What callers see of it is not known here, but it begins, changes and ends with its configuration.
  const own = isPrivate ? [configuration] : [];
  if (kind === "rest")
    return named === undefined && !isPrivate
      ? []
      : [[name, named?.signatures.rest, configuration.prefix, ...own]];
  const isEmpty = named === undefined || isNothing(named, kind);
  return isEmpty && !isPrivate ? [] : [[name, named?.signatures[kind], ...own]];
}

function isNothing(named: NamedListing, kind: "tools" | "prompts" | "resources"): boolean {
  return kind === "resources"
    ? named.resources.length + named.resourceTemplates.length === 0
    : named[kind].length === 0;
}

function owns(named: NamedListing | undefined, uri: string): boolean {
  if (named === undefined) return false;
  return (
    named.resources.some(({ own }) => own === uri) ||
    named.resourceTemplates.some(({ matches }) => matches(uri))
  );
}
