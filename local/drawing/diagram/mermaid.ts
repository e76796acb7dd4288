import type { Graph } from "../../graph/graph.ts";
import { overviewOf, type Overview, type ServiceOverview } from "./overview.ts";

/** The way of a request, as a Mermaid flowchart. */
export function mermaid(graph: Graph): string {
  return new Drawing(overviewOf(graph)).text;
}

class Drawing {
  readonly #overview: Overview;
  readonly #ids = new Map<string, string>();
  readonly #lines: string[] = ["flowchart LR", "  classDef plain fill:none,stroke:none"];

  constructor(overview: Overview) {
    this.#overview = overview;
    this.#clients();
    this.#loadBalancers();
    this.#services();
    this.#identity();
  }

  get text(): string {
    return this.#lines.join("\n");
  }

  #clients(): void {
    this.#add(`  ${this.#id("clients")}(["MCP clients"])`);
    const hidden = new Set<string>();
    for (const { urn, name, loadBalancers } of this.#overview.distributions) {
      this.#add(`  ${this.#id(urn)}{{${quoted("CloudFront", name)}}}`);
      this.#add(`  ${this.#id("clients")} -->|HTTPS| ${this.#id(urn)}`);
      for (const arn of loadBalancers) {
        hidden.add(arn);
        this.#add(`  ${this.#id(urn)} -->|VPC origin| ${this.#id(arn)}`);
      }
    }
    for (const { arn, isInternal } of this.#overview.loadBalancers)
      if (!hidden.has(arn))
        this.#add(
          `  ${this.#id("clients")} -->|${isInternal ? "inside the VPC" : "internet"}| ${this.#id(arn)}`,
        );
  }

  #loadBalancers(): void {
    for (const { arn, name, isInternal, ports } of this.#overview.loadBalancers)
      this.#add(
        `  ${this.#id(arn)}[[${quoted(`${isInternal ? "internal" : "public"} load balancer`, name, ports)}]]`,
      );
    for (const { arn, name, check } of this.#overview.targetGroups)
      this.#add(`  ${this.#id(arn)}(${quoted(`target group ${name}`, check && `asks ${check}`)})`);
    for (const { loadBalancerArn, targetGroupArn, conditions, weight } of this.#overview.routes) {
      const label = quoted(
        ...(conditions.length === 0 ? ["its default"] : conditions),
        weight === undefined ? "" : `weight ${weight}`,
      );
      // A group that gets nothing now gets its share in a deployment.
      const arrow = weight === 0 ? "-.->" : "-->";
      this.#add(`  ${this.#id(loadBalancerArn)} ${arrow}|${label}| ${this.#id(targetGroupArn)}`);
    }
  }

  #services(): void {
    const clusters = Map.groupBy(this.#overview.services, ({ cluster }) => cluster);
    for (const [cluster, services] of clusters) {
      this.#add(`  subgraph ${this.#id(`cluster ${cluster}`)}[${quoted(`cluster ${cluster}`)}]`);
      for (const service of services) this.#service(service);
      this.#add("  end");
    }
    for (const { arn, targetGroupArns, scaling, upstreams, calls } of this.#overview.services) {
      for (const group of targetGroupArns) this.#add(`  ${this.#id(group)} --> ${this.#id(arn)}`);
      if (scaling.length > 0) {
        const policies = this.#id(`scaling ${arn}`);
        this.#add(`  ${policies}>${quoted("scales with", ...scaling)}]`);
        this.#add(`  ${policies} -.-> ${this.#id(arn)}`);
      }
      for (const service of calls) this.#add(`  ${this.#id(arn)} -->|calls| ${this.#id(service)}`);
      for (const host of upstreams) {
        if (!this.#ids.has(`host ${host}`))
          this.#add(`  ${this.#id(`host ${host}`)}((${quoted(host)}))`);
        this.#add(`  ${this.#id(arn)} -->|calls| ${this.#id(`host ${host}`)}`);
      }
    }
  }

  #service({ arn, name, replicas, size, zones }: ServiceOverview): void {
    // A title of several lines would lie over what is inside.
    this.#add(`    subgraph ${this.#id(arn)}[${quoted(name)}]`);
    this.#add("      direction TB");
    this.#add(`      ${this.#id(`size of ${arn}`)}[${quoted(replicas, size)}]:::plain`);
    for (const zone of zones) this.#add(`      ${this.#id(`${zone} of ${arn}`)}[${quoted(zone)}]`);
    this.#add("    end");
  }

  #identity(): void {
    for (const { id, name } of this.#overview.userPools) {
      this.#add(`  ${this.#id(`issuer ${id}`)}[(${quoted("Cognito user pool", name)})]`);
      this.#add(`  ${this.#id("clients")} -.->|token| ${this.#id(`issuer ${id}`)}`);
    }
    for (const { arn, issuer } of this.#overview.services) {
      if (issuer === undefined) continue;
      const pool = this.#overview.userPools.find(({ id }) => issuer.endsWith(`/${id}`));
      const key = `issuer ${pool?.id ?? issuer}`;
      if (!this.#ids.has(key)) {
        this.#add(`  ${this.#id(key)}[(${quoted("issuer", hostOf(issuer))})]`);
        this.#add(`  ${this.#id("clients")} -.->|token| ${this.#id(key)}`);
      }
      this.#add(`  ${this.#id(arn)} -.->|trusts| ${this.#id(key)}`);
    }
  }

  #add(line: string): void {
    this.#lines.push(line);
  }

  /** Ids of Mermaid are words, and some words are its own. */
  #id(key: string): string {
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = `n${this.#ids.size + 1}`;
    this.#ids.set(key, id);
    return id;
  }
}

function hostOf(issuer: string): string {
  return URL.canParse(issuer) ? new URL(issuer).hostname : issuer;
}

/** A label of several lines, in which nothing is syntax. */
function quoted(...lines: readonly string[]): string {
  const text = lines
    .filter((line) => line !== "")
    .map(escaped)
    .join("<br>");
  return `"${text}"`;
}

/** Mermaid takes entities without the ampersand. */
function escaped(text: string): string {
  return text.replace(/[#&"<>`\\]/gu, (character) => `#${character.codePointAt(0) ?? 35};`);
}
