import type { Snapshot } from "../../snapshot/snapshot.ts";
import type { ToolAnswer, ToolDescription } from "../source.ts";
import { element, type Child, type Element } from "./element.ts";
import { duration } from "./format.ts";
import { judgementMark } from "./marks.ts";
import { argumentsOf, fieldElement, fieldsOf } from "./schema-form.ts";
import type { Actions, State } from "./state.ts";

/** A tool of a service, called by its public address as any client would. */
export function toolsSection(state: State, { endpoints }: Snapshot, actions: Actions): Element {
  const { service, name } = state.tool;
  const tools = service === undefined ? undefined : state.tools[service];
  const tool = tools?.find((each) => each.name === name) ?? tools?.[0];
  const endpoint = endpoints.find((each) => each.service === service);
  return element(
    "div",
    { class: "section wide tools", key: "tools" },
    element(
      "section",
      { "aria-labelledby": "service-title" },
      element("h2", { id: "service-title" }, "Service"),
      element(
        "div",
        { class: "choice stacked", role: "group", "aria-labelledby": "service-title" },
        endpoints.map((each) =>
          element(
            "button",
            {
              key: each.service,
              type: "button",
              "aria-pressed": String(each.service === service),
              onclick: () => {
                actions.chooseService(each.service);
              },
            },
            each.service,
          ),
        ),
      ),
      element("h2", { id: "tool-title" }, "Tool"),
      tools === undefined
        ? element(
            "p",
            { class: "empty" },
            service === undefined ? "Choose a service." : "Asking for its tools.",
          )
        : element(
            "div",
            { class: "choice stacked", role: "group", "aria-labelledby": "tool-title" },
            tools.map((each) =>
              element(
                "button",
                {
                  key: each.name,
                  type: "button",
                  "aria-pressed": String(each === tool),
                  onclick: () => {
                    actions.set({ tool: { service, name: each.name }, answer: undefined });
                  },
                },
                each.name,
              ),
            ),
          ),
    ),
    element(
      "section",
      { class: "tool-form" },
      service !== undefined && tool !== undefined
        ? [
            toolForm(state, service, tool, actions),
            element(
              "p",
              { class: "note" },
              "Calls ",
              element("code", {}, endpoint?.url ?? service),
              endpoint?.authorized === true
                ? " with the run's token, which stays with the run."
                : " without a token: everybody may call.",
            ),
          ]
        : element("p", { class: "empty" }, "Nothing is chosen yet."),
    ),
    element(
      "section",
      { class: "tool-answer", "aria-label": "Result", role: "status" },
      state.calling
        ? element("p", { class: "empty" }, "The tool is at work.")
        : state.answer === undefined
          ? element("p", { class: "empty" }, "The result will stand here.")
          : answerOf(state.answer),
    ),
  );
}

function toolForm(state: State, service: string, tool: ToolDescription, actions: Actions): Element {
  const fields = fieldsOf(tool.inputSchema);
  return element(
    "form",
    {
      key: `${service} ${tool.name}`,
      onsubmit: (event) => {
        event.preventDefault();
        if (!(event.target instanceof HTMLFormElement)) return;
        const data = new FormData(event.target);
        try {
          const filled = argumentsOf(fields, (name) => {
            const value = data.get(name);
            return typeof value === "string" ? value : undefined;
          });
          actions.callTool(service, tool.name, filled);
        } catch (error) {
          actions.set({ problem: error instanceof Error ? error.message : String(error) });
        }
      },
    },
    element("h2", {}, tool.title ?? tool.name),
    tool.description !== undefined && element("p", {}, tool.description),
    fields.length === 0
      ? element("p", { class: "note" }, "It takes no arguments.")
      : fields.map(fieldElement),
    element("button", { type: "submit", class: "main", disabled: state.calling }, "Call"),
  );
}

function answerOf({
  isError,
  content,
  structuredContent,
  durationMilliseconds,
}: ToolAnswer): Child {
  return [
    element(
      "h2",
      {},
      judgementMark(isError ? "bad" : "good"),
      isError ? "The tool says it failed" : "Result",
      element("small", {}, duration(durationMilliseconds)),
    ),
    content.map((block) =>
      element(
        "pre",
        { tabindex: 0 },
        typeof block["text"] === "string" ? block["text"] : JSON.stringify(block, undefined, 2),
      ),
    ),
    structuredContent !== undefined &&
      element(
        "details",
        { open: true },
        element("summary", {}, "Structured content"),
        element("pre", { tabindex: 0 }, JSON.stringify(structuredContent, undefined, 2)),
      ),
  ];
}
