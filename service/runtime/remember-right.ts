/** How many texts are remembered at most: clients, load balancers and health checks each send one `Host`, and strangers could send any number. */
const MOST = 100;

/** A check of texts that is not made again for the first 100 that were right. */
export function rememberRight(check: (text: string) => boolean): (text: string) => boolean {
  const right = new Set<string>();
  return (text) => {
    if (right.has(text)) return true;
    if (!check(text)) return false;
    if (right.size < MOST) right.add(text);
    return true;
  };
}
