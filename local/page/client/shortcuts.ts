import { SECTIONS, type Actions, type State } from "./state.ts";

/** The keys, as the list of them says. */
export const SHORTCUTS: readonly (readonly [key: string, does: string])[] = [
  ["1 – 7", "Go to a section"],
  ["/", "Filter the events"],
  ["s", "Change the colour scheme"],
  ["?", "Show these keys"],
  ["Esc", "Close what is in front"],
];

/** Does what a key stands for, unless one is writing. */
export function shortcut(event: KeyboardEvent, state: State, actions: Actions): void {
  if (event.ctrlKey || event.metaKey || event.altKey || state.dialog !== undefined) return;
  const { target, key } = event;
  if (target instanceof HTMLElement && target.matches("input, textarea, select")) return;
  const section = SECTIONS[Number(key) - 1];
  if (section !== undefined) actions.go(section);
  else if (key === "?") actions.set({ dialog: { kind: "shortcuts" } });
  else if (key === "s") actions.nextScheme();
  else if (key === "/") {
    event.preventDefault();
    actions.go("events");
    focusWhenDrawn("#event-filter");
  }
}

/** At 60 pictures a second, two seconds: a section that is not there by then is not coming. */
const MOST_PICTURES = 120;

/** Puts the focus on what is there once its section has been drawn, however long a busy browser takes for that. */
function focusWhenDrawn(selector: string, left = MOST_PICTURES): void {
  const found = document.querySelector<HTMLElement>(selector);
  if (found !== null) found.focus();
  else if (left > 0)
    requestAnimationFrame(() => {
      focusWhenDrawn(selector, left - 1);
    });
}
