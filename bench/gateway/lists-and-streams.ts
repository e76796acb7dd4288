import { Pool } from "undici";
import { modern } from "../calls.ts";
import { TOOLS } from "./answers.ts";

const LISTS = 2000;
const STREAMS = 200;
/** Of both, before anything counts. */
const WARM_SHARE = 0.2;

/** How long a list of all tools takes, in milliseconds, until the last byte is here; one after the other. */
export async function measureList(url: string): Promise<readonly number[]> {
  const { origin, pathname: path } = new URL(url);
  const pool = new Pool(origin, { connections: 1 });
  const { headers, body } = modern("tools/list");
  const times: number[] = [];
  for (let index = 0; index < LISTS * (1 + WARM_SHARE); index++) {
    const started = performance.now();
    const response = await pool.request({ method: "POST", path, headers, body });
    const text = await response.body.text();
    const took = performance.now() - started;
    if (index >= LISTS * WARM_SHARE) times.push(took);
    else if (index === 0) requireAllTools(text);
  }
  await pool.close();
  return times;
}

function requireAllTools(text: string): void {
  const { result } = JSON.parse(text) as { result?: { tools?: readonly unknown[] } };
  const listed = result?.tools?.length ?? 0;
  if (listed !== TOOLS) throw new Error(`${listed} tools are listed instead of ${TOOLS}.`);
}

/** How long it takes from the moment at which the server writes a notification until its event is here, in milliseconds. */
export async function measureProgress(url: string, tool: string): Promise<readonly number[]> {
  const { origin, pathname: path } = new URL(url);
  const pool = new Pool(origin, { connections: 1 });
  const { headers, body } = modern("tools/call", { name: tool, arguments: { text: "x" } }, tool);
  const times: number[] = [];
  for (let index = 0; index < STREAMS * (1 + WARM_SHARE); index++) {
    const response = await pool.request({ method: "POST", path, headers, body });
    let text = "";
    let took: number | undefined;
    for await (const chunk of response.body) {
      const now = performance.timeOrigin + performance.now();
      text += String(chunk);
      const sent = /"message":"(?<sent>[\d.]+)"/u.exec(text)?.groups?.["sent"];
      if (sent !== undefined) took ??= now - Number(sent);
    }
    if (took === undefined) throw new Error(`No progress came: ${text.slice(0, 200)}`);
    if (index >= STREAMS * WARM_SHARE) times.push(took);
  }
  await pool.close();
  return times;
}
