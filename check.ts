/** `npm run check`: formatter, types and linter, two at a time; what each says is shown once it has ended. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

/** The linter takes longest: it begins first. */
const CHECKS = [
  "eslint .",
  "tsc --noEmit",
  "prettier --check .",
  "tsc --noEmit -p local/page/client",
];

async function check(command: string): Promise<boolean> {
  const [program = "", ...words] = command.split(" ");
  // npm puts the folder of these programs on the path.
  const child = spawn(program, words, {
    cwd: import.meta.dirname,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[code: number | null]>,
  ]);
  console.log(`${code === 0 ? "✔" : "✖"} ${command}\n${output}${errors}`.trimEnd());
  return code === 0;
}

const waiting = CHECKS.values();
const lane = async (): Promise<void> => {
  for (const command of waiting) if (!(await check(command))) process.exitCode = 1;
};
await Promise.all([lane(), lane()]);
