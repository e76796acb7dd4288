/** Whether a text is an IPv4 network as AWS writes it: no leading zeros, and no bit set behind the prefix. */
export function isNetwork(text: string): boolean {
  return prefixOf(text) !== undefined;
}

/** Whether a text is such a network, with a prefix between two lengths. */
export function isNetworkOf(text: string, shortest: number, longest: number): boolean {
  const prefix = prefixOf(text);
  return prefix !== undefined && prefix >= shortest && prefix <= longest;
}

function prefixOf(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/u.exec(text)?.slice(1);
  if (parts === undefined || parts.some((part) => part !== String(Number(part)))) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, prefix = 0] = parts.map(Number);
  if ([a, b, c, d].some((octet) => octet > 255) || prefix > 32) return undefined;
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  return address % 2 ** (32 - prefix) === 0 ? prefix : undefined;
}
