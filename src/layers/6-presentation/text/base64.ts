/** Base64 (RFC 4648 section 4): any octets as 64 characters that every text can carry, four for three. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function encodeBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [one = 0, two = 0, three = 0] = bytes.subarray(at, at + 3);
    const group = (one << 16) | (two << 8) | three;
    const left = bytes.length - at;
    text += ALPHABET[group >> 18] as string;
    text += ALPHABET[(group >> 12) & 63] as string;
    text += left > 1 ? (ALPHABET[(group >> 6) & 63] as string) : '=';
    text += left > 2 ? (ALPHABET[group & 63] as string) : '=';
  }
  return text;
}

/** null: it is none. Bits that pad the last character must be zero (section 3.5), so that each text stands for one value. */
export function decodeBase64(text: string): Uint8Array | null {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return null;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3);
  for (let at = 0, to = 0; at < text.length; at += 4, to += 3) {
    let group = 0;
    for (const character of text.slice(at, at + 4)) {
      group = (group << 6) | (character === '=' ? 0 : ALPHABET.indexOf(character));
    }
    bytes.set([group >> 16, (group >> 8) & 255, group & 255], to);
  }
  const isClean = bytes.subarray(bytes.length - padding).every((octet) => octet === 0);
  return isClean ? bytes.subarray(0, bytes.length - padding) : null;
}
