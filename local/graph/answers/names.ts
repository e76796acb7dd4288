import { createHash } from "node:crypto";

/** What AWS is taken to be in an evaluation. */
export interface Surroundings {
  readonly region: string;
  /** The address that the next load balancer will have on this machine. */
  readonly nextLoadBalancerAddress: () => string;
}

/** A resource as the monitor sees it. */
export interface Asked {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** An id and outputs such as AWS would have answered. */
export interface Answer {
  readonly id: string;
  readonly outputs: Readonly<Record<string, unknown>>;
}

export const ACCOUNT = "123456789012";

/** Every name of a resource that AWS could have made is derived from its URN: unique, and the same in every evaluation. */
export class Names {
  readonly #asked: Asked;
  readonly #surroundings: Surroundings;
  readonly hash: string;

  constructor(asked: Asked, surroundings: Surroundings) {
    this.#asked = asked;
    this.#surroundings = surroundings;
    this.hash = createHash("sha256").update(asked.urn).digest("hex");
  }

  /** The physical name: the given one, or Pulumi's own. */
  get physical(): string {
    const { name } = this.#asked.inputs;
    return typeof name === "string" ? name : `${this.#asked.name}-${this.hash.slice(0, 7)}`;
  }

  arn(service: string, resource: string): string {
    return `arn:aws:${service}:${this.#surroundings.region}:${ACCOUNT}:${resource}`;
  }

  /** An id such as `sg-0123456789abcdef0`. */
  id(prefix: string): string {
    return `${prefix}-${this.hash.slice(0, 17)}`;
  }

  uuid(): string {
    return this.hash.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/u, "$1-$2-$3-$4-$5");
  }
}

export type Answerer = (names: Names, asked: Asked, surroundings: Surroundings) => Answer;

/** The answers to a service's resource types. */
export type Answers = Readonly<Record<string, Answerer>>;

/** An answer whose id is its ARN, as most of AWS's newer services have it. */
export const byArn =
  (
    service: string,
    resource: (names: Names, asked: Asked) => string,
    more: (names: Names, asked: Asked) => object = () => ({}),
  ): Answerer =>
  (names, asked) => {
    const arn = names.arn(service, resource(names, asked));
    return { id: arn, outputs: { arn, name: names.physical, ...more(names, asked) } };
  };

/** An answer whose id begins with what it is, as EC2 and EFS have it. */
export const byPrefix =
  (
    prefix: string,
    service: string,
    resource: string,
    more: (names: Names, asked: Asked) => object = () => ({}),
  ): Answerer =>
  (names, asked) => {
    const id = names.id(prefix);
    const arn = names.arn(service, `${resource}/${id}`);
    return { id, outputs: { arn, name: names.physical, ...more(names, asked) } };
  };

/** An answer whose id is its name, with an ARN. */
export const byName =
  (
    arn: (names: Names, asked: Asked) => string,
    more: (names: Names, asked: Asked) => object = () => ({}),
  ): Answerer =>
  (names, asked) => ({
    id: names.physical,
    outputs: { arn: arn(names, asked), name: names.physical, ...more(names, asked) },
  });

export function lastSegment(value: unknown): string {
  return String(value).split("/").at(-1) ?? "";
}
