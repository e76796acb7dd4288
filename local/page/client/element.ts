/** Hears an event of the page. */
export type Listener = (event: Event) => void;

/**
 * Attributes of an element. `on…` holds a listener, `--…` a property for the style sheet, `key` tells the element from its siblings. False and
 * undefined leave an attribute out, true gives it no value.
 */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined | Listener>>;

/** An element as it should be; a view is a function from the state to these, and `patch` makes the page so. */
export interface Element {
  readonly tag: string;
  readonly attributes: Attributes;
  readonly children: readonly Node[];
}

export type Node = Element | string;

/** What may stand among children: lists are taken apart, what is false or undefined is left out. */
export type Child = Node | number | false | undefined | readonly Child[];

export function element(
  tag: string,
  attributes: Attributes = {},
  ...children: readonly Child[]
): Element {
  return { tag, attributes, children: flat(children) };
}

function flat(children: readonly Child[]): Node[] {
  return children.flatMap((child): Node[] => {
    if (child === false || child === undefined) return [];
    if (typeof child === "number") return [String(child)];
    return typeof child === "string" || "tag" in child ? [child] : flat(child);
  });
}

/** The words of an element, as a reader hears them. */
export function textOf(node: Node): string {
  return typeof node === "string" ? node : node.children.map(textOf).join("");
}
