/** Whether a text is a host name in lower case as it stands in URLs, without scheme, port and path; IPv6 addresses are in brackets. */
export function isHostName(text: string): boolean {
  return (
    /^(?:[\w.-]+|\[[\da-f:.]+\])$/u.test(text) && URL.parse(`http://${text}`)?.hostname === text
  );
}

/** Whether a text stands for every origin of a scheme, as the MCP SDK understands it: not for those of the web. */
export function isExtensionOrigins(text: string): boolean {
  return /^(?!https?:)[a-z][a-z\d+.-]*:\/\/\*$/u.test(text);
}

/** Whether a text may be the value of `Host`: a host name in any case, and perhaps a port (RFC 9112 §3.2). */
export function isHost(text: string): boolean {
  return /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d*)?$/iu.test(text) && URL.canParse(`http://${text}`);
}
