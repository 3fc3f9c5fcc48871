/** Octets as text, for people. */

/** ASCII; each octet above 127 becomes U+FFFD, the replacement character. */
export function asciiText(bytes: Uint8Array): string {
  let text = '';
  for (const octet of bytes) text += octet < 0x80 ? String.fromCharCode(octet) : '\ufffd';
  return text;
}

/** The octets of a text that is ASCII. */
export function asciiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at) & 0x7f;
  return bytes;
}
