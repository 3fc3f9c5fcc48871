/** How applications put into words what came over the network. */

import type { CloseReason } from '../4-transport/service.ts';

const SECOND = 1_000_000_000;
/** Longer text is only counted. */
export const SHORT_TEXT_BYTES = 80;

/** Virtual time in seconds, `1.250000`; what is below a microsecond is cut off. */
export function seconds(ns: number): string {
  const fraction = String(ns % SECOND).padStart(9, '0');
  return `${Math.floor(ns / SECOND)}.${fraction.slice(0, 6)}`;
}

export function octets(count: number): string {
  return count === 1 ? '1 octet' : `${count} octets`;
}

/** Printable ASCII, and little of it: worth showing. Bytes of a stranger that are anything else stay bytes. */
export function isShortText(bytes: Uint8Array): boolean {
  return bytes.length > 0 && bytes.length <= SHORT_TEXT_BYTES && bytes.every((octet) => octet >= 0x20 && octet <= 0x7e);
}

/** `5 octets: "hello"` for short text, else only `5 octets`. */
export function quoted(bytes: Uint8Array): string {
  const count = octets(bytes.length);
  return isShortText(bytes) ? `${count}: "${String.fromCharCode(...bytes)}"` : count;
}

/** Why a connection is over, as the end of a sentence: `the connection …`. */
export const ENDED: Readonly<Record<CloseReason, string>> = {
  finished: 'was closed',
  refused: 'was refused',
  reset: 'was reset by the other side',
  'timed-out': 'timed out',
  aborted: 'was aborted',
  unreachable: 'failed: the other side cannot be reached',
};
