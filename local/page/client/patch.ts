import type { Attributes, Element as Wanted, Listener, Node as WantedNode } from "./element.ts";

const SVG = "http://www.w3.org/2000/svg";

/** What an element was last made from; what the browser set by itself, such as a dialog's `open`, is not touched. */
const made = new WeakMap<Element, Wanted>();

/** Makes the children of an element as they should be, changing as little as can be: what has the focus keeps it. */
export function patch(parent: Element, wanted: readonly WantedNode[]): void {
  const keyed = new Map<string, Element>();
  const others: ChildNode[] = [];
  for (const child of parent.childNodes) {
    const key = child instanceof Element ? keyOf(made.get(child)) : undefined;
    if (key !== undefined && child instanceof Element) keyed.set(key, child);
    else others.push(child);
  }
  const kept = new Set<ChildNode>();
  const children = wanted.map((node) => {
    const found = typeof node === "string" ? undefined : keyOf(node);
    const old =
      found === undefined
        ? others.find((child) => !kept.has(child) && fits(child, node))
        : keyed.get(found);
    const child = old !== undefined && fits(old, node) ? updated(old, node) : created(parent, node);
    kept.add(child);
    return child;
  });
  for (const child of [...parent.childNodes]) if (!kept.has(child)) child.remove();
  for (const [index, child] of children.entries()) {
    const there = parent.childNodes[index];
    if (there !== child) parent.insertBefore(child, there ?? null);
  }
}

function keyOf(wanted: Wanted | undefined): string | undefined {
  const key = wanted?.attributes["key"];
  return typeof key === "string" ? key : undefined;
}

function fits(child: ChildNode, node: WantedNode): boolean {
  if (typeof node === "string") return child instanceof Text;
  return child instanceof Element && made.get(child)?.tag === node.tag;
}

function created(parent: Element, node: WantedNode): ChildNode {
  if (typeof node === "string") return document.createTextNode(node);
  const namespace =
    node.tag === "svg" || (parent.namespaceURI === SVG && parent.tagName !== "foreignObject")
      ? SVG
      : "http://www.w3.org/1999/xhtml";
  return updated(document.createElementNS(namespace, node.tag), node);
}

function updated(child: ChildNode, node: WantedNode): ChildNode {
  if (typeof node === "string") {
    if (child.nodeValue !== node) child.nodeValue = node;
  } else if (child instanceof HTMLElement || child instanceof SVGElement) {
    setAttributes(child, made.get(child)?.attributes ?? {}, node.attributes);
    made.set(child, node);
    patch(child, node.children);
  }
  return child;
}

function setAttributes(
  target: HTMLElement | SVGElement,
  before: Attributes,
  after: Attributes,
): void {
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, now] = [before[name], after[name]];
    if (name === "key" || old === now) continue;
    if (name.startsWith("on")) setListener(target, name.slice(2), old, now);
    // The policy of the page's content forbids `style` attributes, not properties.
    else if (name.startsWith("--")) target.style.setProperty(name, String(now ?? ""));
    else if (now === undefined || now === false || typeof now === "function")
      target.removeAttribute(name);
    else target.setAttribute(name, now === true ? "" : String(now));
  }
}

type Value = Attributes[string];

function setListener(target: EventTarget, type: string, old: Value, now: Value): void {
  if (isListener(old)) target.removeEventListener(type, old);
  if (isListener(now)) target.addEventListener(type, now);
}

function isListener(value: Value): value is Listener {
  return typeof value === "function";
}
