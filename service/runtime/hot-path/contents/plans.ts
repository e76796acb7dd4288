import type {
  CompleteRequestParams,
  CompleteResult,
  GetPromptResult,
  ReadResourceResult,
} from "@modelcontextprotocol/server";
import type { CallContext } from "../../context.ts";
import type { InputRequired } from "../../input-required.ts";
import type { Prompt } from "../../prompt.ts";
import type { Answer } from "../../protocol/answer.ts";
import { complete, NOTHING, subjectOf as completionSubject } from "../../protocol/completion.ts";
import { renderPrompt, subjectOf as promptSubject } from "../../protocol/prompts.ts";
import { errorOf, type Ending, type Failure } from "../../protocol/run.ts";
import type { JsonObject } from "../../relay.ts";
import type { Completer } from "../../resource.ts";
import { callTool, type ToolResult } from "../../protocol/tools.ts";
import type { Tool } from "../../tool.ts";
import type { HotCall, Plan } from "../answerer.ts";
import type { Recognised } from "../recognise.ts";
import { errorAnswer } from "./asked.ts";
import { perform, type Work } from "./running.ts";
import { resultIn, type Served } from "./served.ts";

type Pending<R> = R | InputRequired | PromiseLike<R | InputRequired>;

/** A tool, and what its calls share. */
export interface HotTool {
  readonly tool: Tool;
  readonly subject: string;
  /** Whether arguments of it have to come as headers too, which the SDK checks. */
  readonly hasHeaders: boolean;
}

/** A call of a tool; its result is written down as it is checked. */
export class ToolPlan implements Plan, Work<string> {
  readonly isOffered = true;
  readonly #served: Served;
  readonly #request: Recognised;
  readonly #tool: HotTool;
  readonly #write: (result: ToolResult) => string;

  constructor(
    served: Served,
    request: Recognised,
    tool: HotTool,
    write: (result: ToolResult) => string,
  ) {
    this.#served = served;
    this.#request = request;
    this.#tool = tool;
    this.#write = write;
  }

  get subject(): string {
    return this.#tool.subject;
  }

  answer(call: HotCall): Answer | Promise<Answer> {
    return perform(this.#served, this.#request, call, this);
  }

  start(context: CallContext, { open }: HotCall): Pending<string> {
    const { arguments: given } = this.#request.params;
    return callTool(this.#tool.tool, given, context, open.active, this.#write);
  }

  succeed(result: string): Answer {
    return { kind: "text", result };
  }

  fail({ message, outcome }: Failure): Answer {
    const result = { content: [{ type: "text", text: message }], isError: true };
    return { kind: "result", result: resultIn(this.#request.era, result, this.#served), outcome };
  }
}

/** A call of everything else: its failures are JSON-RPC errors. */
export abstract class ObjectPlan<R extends JsonObject> implements Plan, Work<R> {
  abstract readonly isOffered: boolean;
  abstract readonly subject: string;
  protected readonly request: Recognised;
  readonly #served: Served;

  constructor(served: Served, request: Recognised) {
    this.#served = served;
    this.request = request;
  }

  answer(call: HotCall): Answer | Promise<Answer> {
    return perform(this.#served, this.request, call, this);
  }

  abstract start(context: CallContext): Pending<R>;

  succeed(result: JsonObject): Answer {
    return {
      kind: "result",
      result: resultIn(this.request.era, result, this.#served),
      outcome: "ok",
    };
  }

  fail(failure: Failure, ending: Ending): Answer {
    return errorAnswer(errorOf(ending, this.request, failure), failure.outcome);
  }
}

export class PromptPlan extends ObjectPlan<GetPromptResult> {
  readonly isOffered = true;
  readonly #prompt: Prompt;

  constructor(served: Served, request: Recognised, prompt: Prompt) {
    super(served, request);
    this.#prompt = prompt;
  }

  get subject(): string {
    return promptSubject(this.#prompt);
  }

  start(context: CallContext): Pending<GetPromptResult> {
    return renderPrompt(this.#prompt, this.request.params["arguments"], context);
  }
}

/** What is read, and how. */
export interface Reading {
  readonly subject: string;
  /** Whether the address is one of those that are listed. */
  readonly isOffered: boolean;
  readonly cache: JsonObject;
  read(context: CallContext): Pending<ReadResourceResult>;
}

export class ResourcePlan extends ObjectPlan<ReadResourceResult> {
  readonly #reading: Reading;

  constructor(served: Served, request: Recognised, reading: Reading) {
    super(served, request);
    this.#reading = reading;
  }

  get subject(): string {
    return this.#reading.subject;
  }

  get isOffered(): boolean {
    return this.#reading.isOffered;
  }

  start(context: CallContext): Pending<ReadResourceResult> {
    return this.#reading.read(context);
  }

  override succeed(result: ReadResourceResult): Answer {
    // The 2025 revisions know of no caches.
    return super.succeed(
      this.request.era === "modern" ? { ...result, ...this.#reading.cache } : result,
    );
  }
}

export class CompletionPlan extends ObjectPlan<CompleteResult> {
  readonly isOffered = false;
  /** A completion asks nobody for anything. */
  readonly unasked = NOTHING;
  readonly #completer: Completer;
  readonly #params: CompleteRequestParams;

  constructor(served: Served, request: Recognised, completer: Completer) {
    super(served, request);
    this.#completer = completer;
    this.#params = request.params as CompleteRequestParams;
  }

  get subject(): string {
    return completionSubject(this.#params);
  }

  start(context: CallContext): Pending<CompleteResult> {
    return complete(this.#completer, this.#params, context);
  }
}
