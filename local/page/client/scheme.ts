/** Light, dark, or what the system says. */
export type Scheme = "system" | "light" | "dark";

const KEY = "scheme";

const NEXT: Readonly<Record<Scheme, Scheme>> = { system: "light", light: "dark", dark: "system" };

export function schemeNow(): Scheme {
  const scheme = document.documentElement.dataset["scheme"];
  return scheme === "light" || scheme === "dark" ? scheme : "system";
}

/** Takes the choice of an earlier visit; a browser that keeps nothing follows the system. */
export function restoreScheme(): void {
  try {
    setScheme(localStorage.getItem(KEY) ?? "system");
  } catch {
    setScheme("system");
  }
}

export function nextScheme(): void {
  const next = NEXT[schemeNow()];
  setScheme(next);
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // Kept for this visit alone.
  }
}

function setScheme(scheme: string): void {
  document.documentElement.dataset["scheme"] = scheme;
}
