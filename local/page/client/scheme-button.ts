import { element, type Element } from "./element.ts";
import { schemeNow, type Scheme } from "./scheme.ts";
import type { Actions } from "./state.ts";

const NAMES: Readonly<Record<Scheme, string>> = {
  system: "Auto",
  light: "Light",
  dark: "Dark",
};

export function schemeButton(actions: Actions): Element {
  const name = NAMES[schemeNow()];
  return element(
    "button",
    {
      type: "button",
      class: "quiet",
      "aria-label": `Colour scheme: ${name}`,
      onclick: () => {
        actions.nextScheme();
      },
    },
    element(
      "svg",
      { viewBox: "0 0 12 12", "aria-hidden": "true", class: "scheme-mark" },
      element("circle", { cx: 6, cy: 6, r: 5 }),
      element("path", { d: "M6 1a5 5 0 0 1 0 10z" }),
    ),
    name,
  );
}
