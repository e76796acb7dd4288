/** The oldest Node that all of this runs on, as `engines` of package.json has it. */
const OLDEST = [22, 18] as const;

/** Why this cannot run on a version of Node; undefined where it can. */
export function nodeProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldestMajor, oldestMinor] = OLDEST;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return undefined;
  return `\`mcp-local\` needs Node ${OLDEST.join(".")} or newer, and this is ${version}. Install a newer one, such as the current LTS, and run it again.`;
}
