/** Words that tell tools apart from nothing. */
const STOP_WORDS: ReadonlySet<string> = new Set(
  "a an and are as at be by can do for from how i if in into is it its me my of on one or our please so some that the their them then there these this to use used uses using want we when which will with you your".split(
    " ",
  ),
);

/** The words of a text: parts of names count for themselves (`getAlerts`, `get_alerts`), endings do not count. */
export function words(text: string): readonly string[] {
  return text
    .replaceAll(/(?<lower>[\p{Ll}\d])(?<upper>\p{Lu})/gu, "$<lower> $<upper>")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "" && !STOP_WORDS.has(word))
    .map(stem);
}

/** Takes the commonest English endings off; the same for texts and questions, it need not be right, only the same. */
function stem(word: string): string {
  if (word.length <= 3) return word;
  const singular = word.endsWith("ies")
    ? `${word.slice(0, -3)}y`
    : /(?:ss|us|is)$/u.test(word)
      ? word
      : word.replace(/(?:(?<=s|x|z|ch|sh)es|s)$/u, "");
  const plain = singular.replace(/(?<=\p{L}{3})(?:ing|ed|ion|or|er|e)$/u, "");
  // Doubled by the ending: `planning`.
  return plain.replace(/(?<letter>[bdgmnprt])\k<letter>$/u, "$<letter>");
}
