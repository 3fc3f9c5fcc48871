/** Octets as text, for people. */

/** ASCII; each octet above 127 becomes U+FFFD, the replacement character. */
export function asciiText(bytes: Uint8Array): string {
  let text = '';
  for (const octet of bytes) text += octet < 0x80 ? String.fromCharCode(octet) : '\ufffd';
  return text;
}

/** The octets of a text that is ASCII. */
export function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0) & 0x7f);
}
