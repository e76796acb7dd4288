import { isIP, type LookupFunction } from "node:net";
import { errors, request, type Agent, type Dispatcher } from "undici";
import { publicAddressesAnd, type AddressRule } from "./addresses.ts";
import { readDataUrl } from "./data-url.ts";
import { AddressRefused, guardedAgent, guardedLookup } from "./guarded-agent.ts";
import { requireImageType, tooLong } from "./image-answer.ts";
import { ImageProblem, shown } from "./image-problem.ts";
import type { ImageSettings } from "./settings.ts";

/** Gets images by their addresses. */
export interface ImageFetcher {
  /**
   * The bytes of an image, in memory that is theirs alone.
   *
   * @throws {ImageProblem} that tells the model why they cannot be had; the signal's reason, if the signal aborts.
   */
  fetch(address: string, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /** Ends every request and connection at once. */
  close(): Promise<void>;
}

/** How often an address may lead to another one. */
const MOST_REDIRECTS = 3;

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

const USER_AGENT = "pulumi-mcp-service (classifier server)";

/** A fetcher that goes to public hosts alone, at the first address and at each that it leads to. @param lookup for tests. */
export function createImageFetcher(settings: ImageSettings, lookup?: LookupFunction): ImageFetcher {
  const mayConnect = publicAddressesAnd(settings.allowedNetworks);
  const agent = guardedAgent(lookup ?? guardedLookup(mayConnect), settings);
  const fetcher = new GuardedFetcher(settings, mayConnect, agent);
  return {
    fetch: (address, signal) => fetcher.fetch(address, signal),
    close: () => agent.destroy(),
  };
}

class GuardedFetcher {
  readonly #settings: ImageSettings;
  readonly #mayConnect: AddressRule;
  readonly #agent: Agent;

  constructor(settings: ImageSettings, mayConnect: AddressRule, agent: Agent) {
    this.#settings = settings;
    this.#mayConnect = mayConnect;
    this.#agent = agent;
  }

  async fetch(address: string, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const { maxBytes, timeoutMilliseconds } = this.#settings;
    if (/^data:/iu.test(address)) return readDataUrl(address, maxBytes);
    const deadline = AbortSignal.timeout(timeoutMilliseconds);
    try {
      return await this.#follow(this.#check(address), AbortSignal.any([signal, deadline]));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ImageProblem) throw error;
      if (error instanceof errors.ResponseExceededMaxSizeError) throw tooLong(maxBytes);
      throw problemOf(error, deadline.aborted ? timeoutMilliseconds : undefined);
    }
  }

  async #follow(first: URL, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    let url = first;
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
      const answer = await request(url, {
        dispatcher: this.#agent,
        signal,
        headers: {
          accept: "image/avif,image/webp,image/png,image/jpeg,image/gif",
          "accept-encoding": "identity",
          "user-agent": USER_AGENT,
        },
      });
      const target = redirectOf(answer);
      if (target === undefined) return await this.#read(answer);
      await discard(answer);
      url = this.#check(target, url);
    }
    throw new ImageProblem(
      `\`image_url\` is redirected more than ${MOST_REDIRECTS} times. Give the address where the image itself is.`,
    );
  }

  /** @throws {ImageProblem} where an address is not one to fetch from. Names are checked when they are looked up. */
  #check(address: string, base?: URL): URL {
    const url = URL.parse(address, base?.href);
    const whose =
      base === undefined ? "`image_url`" : "`image_url` is redirected to an address that";
    if (url === null) {
      throw new ImageProblem(`${whose} is not an address. Give one that begins with \`https://\`.`);
    }
    const { allowHttp } = this.#settings;
    if (url.protocol !== "https:" && !(allowHttp && url.protocol === "http:")) {
      throw new ImageProblem(
        `${whose} begins with \`${shown(url.protocol)}\`. Give an address that begins with \`https://\`${allowHttp ? " or `http://`" : ""}.`,
      );
    }
    if (url.username !== "" || url.password !== "") {
      throw new ImageProblem(
        `${whose} contains a user name or password. Give one that needs none.`,
      );
    }
    const host = url.hostname.replaceAll(/^\[|\]$/gu, "");
    if (isIP(host) !== 0 && !this.#mayConnect(host)) throw refused(host);
    return url;
  }

  async #read(answer: Dispatcher.ResponseData): Promise<Uint8Array<ArrayBuffer>> {
    const { statusCode, headers, body } = answer;
    const { maxBytes } = this.#settings;
    try {
      if (statusCode !== 200) throw new ImageProblem(statusSentence(statusCode));
      requireImageType(headerOf(headers["content-type"]));
      const encoding = headerOf(headers["content-encoding"]).toLowerCase();
      if (encoding !== "" && encoding !== "identity") {
        throw new ImageProblem(
          `The image's host sent it compressed (\`${shown(encoding)}\`) though asked not to. Give another address.`,
        );
      }
      if (Number(headerOf(headers["content-length"])) > maxBytes) throw tooLong(maxBytes);
      return await collect(body, maxBytes);
    } catch (error) {
      body.on("error", () => undefined).destroy();
      throw error;
    }
  }
}

async function collect(
  body: AsyncIterable<Buffer>,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) throw tooLong(maxBytes);
    chunks.push(chunk);
  }
  if (length === 0) throw new ImageProblem("The image's host answered with nothing in it.");
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function redirectOf({ statusCode, headers }: Dispatcher.ResponseData): string | undefined {
  if (!REDIRECTS.has(statusCode)) return undefined;
  return headerOf(headers["location"]) || undefined;
}

/** What a redirect says beside its address is of no use; a long one is not worth reading for the connection's sake. */
async function discard({ body }: Dispatcher.ResponseData): Promise<void> {
  await body.dump({ limit: 16 * 1024 });
}

function headerOf(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value[0] : value) ?? "";
}

function statusSentence(status: number): string {
  if (status === 404 || status === 410) {
    return `There is no image at \`image_url\` (status ${status}). Check the address.`;
  }
  if (status === 401 || status === 403) {
    return `The image's host gives it only to those it knows (status ${status}). Give an address that needs no login, or send the image as a \`data:\` URL.`;
  }
  if (status === 429 || status >= 500) {
    return `The image's host cannot give it now (status ${status}). Try again later, or give another address.`;
  }
  return `The image's host answered with status ${status}. Give the address of the image itself.`;
}

function refused(host: string): ImageProblem {
  return new ImageProblem(
    `\`${shown(host)}\` is not a public host, and images are fetched from those alone. Give a public address, or send the image as a \`data:\` URL.`,
  );
}

/** What a failed connection means for whoever gave the address. Its own words may name what is inside the network: they go to the log alone. */
function problemOf(error: unknown, timeoutMilliseconds: number | undefined): ImageProblem {
  const cause = rootOf(error);
  if (cause instanceof AddressRefused) return refused(cause.message);
  const { code } = cause as NodeJS.ErrnoException;
  if (
    timeoutMilliseconds !== undefined ||
    (code?.startsWith("UND_ERR_") === true && code.endsWith("TIMEOUT"))
  ) {
    return new ImageProblem(
      "The image's host takes too long. Try again later, or give another address.",
      { cause: error },
    );
  }
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return new ImageProblem("The host of `image_url` is not known. Check the address.", {
      cause: error,
    });
  }
  return new ImageProblem(
    "The image's host cannot be reached, or broke the connection off. Try again later, or give another address.",
    { cause: error },
  );
}

function rootOf(error: unknown): unknown {
  const inner =
    error instanceof AggregateError ? (error.errors[0] as unknown) : (error as Error).cause;
  return inner instanceof Error ? rootOf(inner) : error;
}
