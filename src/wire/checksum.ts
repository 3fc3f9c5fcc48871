/**
 * The Internet checksum (RFC 1071) and Ethernet's CRC-32 (IEEE 802.3, 3.2.9).
 *
 * `sum` returns an unfolded partial sum so that a pseudo-header, a header and data can be added up without copying.
 */

/**
 * Adds up 16-bit words in network order; an odd last octet is padded with zero on the right (RFC 1071 section 4.1).
 * The result fits a double exactly for any packet: at most 32,768 words of 65,535 each.
 */
export function sum(bytes: Uint8Array, start: number, end: number, initial = 0): number {
  let high = 0;
  let low = 0;
  let at = start;
  const last = end - 7;
  // Octets of odd and even place are added apart: no shift per word, and the engine keeps both sums in registers.
  while (at < last) {
    high += (bytes[at] as number) + (bytes[at + 2] as number) + (bytes[at + 4] as number) + (bytes[at + 6] as number);
    low +=
      (bytes[at + 1] as number) + (bytes[at + 3] as number) + (bytes[at + 5] as number) + (bytes[at + 7] as number);
    at += 8;
  }
  while (at + 1 < end) {
    high += bytes[at] as number;
    low += bytes[at + 1] as number;
    at += 2;
  }
  if (at < end) high += bytes[at] as number;
  return initial + high * 256 + low;
}

/** Folds a partial sum to 16 bits with end-around carry and complements it: the value that stands in the header. */
export function finish(partial: number): number {
  let folded = (partial % 0x10000) + Math.floor(partial / 0x10000);
  folded = (folded & 0xffff) + (folded >>> 16);
  folded = (folded & 0xffff) + (folded >>> 16);
  return ~folded & 0xffff;
}

/**
 * RFC 1624 equation 3, HC' = ~(~HC + ~m + m'): the checksum after one 16-bit word changed from `before` to `after`,
 * without reading the rest of the header.
 */
export function adjust(checksum: number, before: number, after: number): number {
  return finish((~checksum & 0xffff) + (~before & 0xffff) + after);
}

const TABLES = crcTables();

/** Four tables for slicing-by-4: the plain one, and the same advanced by one, two and three zero octets. */
function crcTables(): readonly Uint32Array[] {
  const tables = [new Uint32Array(256), new Uint32Array(256), new Uint32Array(256), new Uint32Array(256)] as const;
  for (let octet = 0; octet < 256; octet++) {
    let crc = octet;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    tables[0][octet] = crc >>> 0;
  }
  for (let octet = 0; octet < 256; octet++) {
    let crc = tables[0][octet] as number;
    for (let slice = 1; slice < 4; slice++) {
      crc = (crc >>> 8) ^ (tables[0][crc & 0xff] as number);
      (tables[slice] as Uint32Array)[octet] = crc >>> 0;
    }
  }
  return tables;
}

/**
 * CRC-32 with the reflected polynomial 0xEDB88320, initial value and final XOR 0xFFFFFFFF. As a frame check sequence it
 * is sent least significant octet first; the CRC over frame and FCS together is then 0x2144DF1C.
 */
export function crc32(bytes: Uint8Array, start = 0, end = bytes.length): number {
  const [one, two, three, four] = TABLES as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  let crc = 0xffffffff;
  let at = start;
  for (const last = end - 3; at < last; at += 4) {
    crc ^=
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    crc =
      (four[crc & 0xff] as number) ^
      (three[(crc >>> 8) & 0xff] as number) ^
      (two[(crc >>> 16) & 0xff] as number) ^
      (one[crc >>> 24] as number);
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ (one[(crc ^ (bytes[at] as number)) & 0xff] as number);
  return ~crc >>> 0;
}
