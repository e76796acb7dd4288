import { element, type Child, type Element } from "./element.ts";

/**
 * The little of markdown that dashboards are written in: headings, paragraphs, lists, code, bold, emphasis and links. Nothing becomes HTML: what is
 * not understood is shown as it stands.
 */
export function markdown(source: string): Element[] {
  return source
    .split(/\n\s*\n/u)
    .map((block) => block.trim())
    .filter((block) => block !== "")
    .flatMap(blockOf);
}

const HEADING = /^(?<level>#{1,6}) (?<text>.*)$/u;
const ITEM = /^[-*] /u;

function blockOf(block: string): Element[] {
  const lines = block.split("\n");
  const [first = ""] = lines;
  const heading = HEADING.exec(first)?.groups;
  if (heading?.["level"] !== undefined) {
    const level = Math.min(6, heading["level"].length + 2);
    const rest = lines.slice(1).join("\n").trim();
    return [
      element(`h${level}`, {}, inline(heading["text"] ?? "")),
      ...(rest === "" ? [] : blockOf(rest)),
    ];
  }
  if (lines.every((line) => ITEM.test(line))) {
    return [
      element(
        "ul",
        {},
        lines.map((line) => element("li", {}, inline(line.replace(ITEM, "")))),
      ),
    ];
  }
  return [element("p", {}, inline(lines.join(" ")))];
}

const INLINE =
  /`(?<code>[^`]+)`|\*\*(?<bold>[^*]+)\*\*|\*(?<emphasis>[^*]+)\*|\[(?<text>[^\]]+)\]\((?<link>[^)\s]+)\)/gu;

/** A line of text with its code, emphasis and links; the sentences of errors quote as markdown does. */
export function inline(text: string): Child[] {
  const parts: Child[] = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    parts.push(text.slice(end, match.index), marked(match));
    end = match.index + match[0].length;
  }
  parts.push(text.slice(end));
  return parts.filter((part) => part !== "");
}

function marked(match: RegExpExecArray): Child {
  const { code, bold, emphasis, text, link } = match.groups ?? {};
  if (code !== undefined) return element("code", {}, code);
  if (bold !== undefined) return element("b", {}, bold);
  if (emphasis !== undefined) return element("em", {}, emphasis);
  // Anything but the web's own addresses could run something.
  if (text === undefined || link === undefined || !/^https?:\/\//u.test(link)) return match[0];
  return element("a", { href: link, rel: "noopener noreferrer", target: "_blank" }, text);
}
