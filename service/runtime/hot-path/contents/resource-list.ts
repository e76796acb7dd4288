import type { CallContext } from "../../context.ts";
import type { Answer } from "../../protocol/answer.ts";
import { listResources, listSubjectOf } from "../../protocol/resources.ts";
import type { JsonObject } from "../../relay.ts";
import type { ResourceTemplate } from "../../resource.ts";
import type { HotCall, Plan } from "../answerer.ts";
import type { Recognised } from "../recognise.ts";
import { shown, type Lists } from "./lists.ts";
import { ObjectPlan } from "./plans.ts";
import type { Served } from "./served.ts";

/** A list of resources to which templates contribute what they find. */
export class ResourceListPlan implements Plan {
  readonly isOffered = false;
  readonly #served: Served;
  readonly #request: Recognised;
  readonly #lists: Lists;
  readonly #templates: readonly ResourceTemplate[];

  /** @param templates those that list anything, and that the caller may know of. */
  constructor(
    served: Served,
    request: Recognised,
    lists: Lists,
    templates: readonly ResourceTemplate[],
  ) {
    this.#served = served;
    this.#request = request;
    this.#lists = lists;
    this.#templates = templates;
  }

  /** One after the other, each under a deadline of its own. */
  async answer(call: HotCall): Promise<Answer> {
    const found: JsonObject[] = [];
    for (const template of this.#templates) {
      const work = new TemplateListPlan(this.#served, this.#request, template);
      const failed = await work.answer(call);
      if (failed.kind === "error") return failed;
      for (const each of work.found) found.push({ ...shown(template), ...each });
    }
    return this.#lists.withResources(found, this.#request.era);
  }
}

class TemplateListPlan extends ObjectPlan<JsonObject> {
  readonly isOffered = false;
  readonly #template: ResourceTemplate;
  found: readonly object[] = [];

  constructor(served: Served, request: Recognised, template: ResourceTemplate) {
    super(served, request);
    this.#template = template;
  }

  get subject(): string {
    return listSubjectOf(this.#template);
  }

  start(context: CallContext): ReturnType<typeof listResources> {
    return listResources(this.#template, context);
  }

  override succeed(result: JsonObject): Answer {
    this.found = result["resources"] as readonly object[];
    return super.succeed(result);
  }
}
