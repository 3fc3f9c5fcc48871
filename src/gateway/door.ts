/** Where real sockets and simulated hosts meet, as it is written on the command line. */

import { isIP } from 'node:net';
import { readRemote } from '../scenario/address-text.ts';

export interface RealPlace {
  /** An IP address. */
  readonly address: string;
  readonly port: number;
}

export interface Door {
  readonly transport: 'tcp' | 'udp';
  /** `in`: real clients reach a simulated server. `out`: simulated clients reach a real server. */
  readonly way: 'in' | 'out';
  readonly real: RealPlace;
  /** `in`: where connections go in the simulation. `out`: the node and port that the real server stands on. */
  readonly host: string;
  readonly port: number;
}

export type Parsed = { readonly door: Door } | { readonly problem: string; readonly hint: string };

const FORMS = {
  in: '127.0.0.1:8080=server:80, with udp: before it for datagrams',
  out: 'server:80=127.0.0.1:3000, with udp: before it for datagrams',
} as const;

/** `127.0.0.1:8080=server:80` for `in`, `server:80=127.0.0.1:3000` for `out`; `udp:` may stand before it. */
export function parseDoor(text: string, way: 'in' | 'out'): Parsed {
  const hint = `write it as ${FORMS[way]}`;
  const [, protocol, left = '', right = ''] = /^(?:(tcp|udp):)?([^=]+)=([^=]+)$/.exec(text) ?? [];
  if (left === '') return { problem: 'it has no = with a place on either side', hint };
  const [outside, inside] = way === 'in' ? [left, right] : [right, left];
  const real = readReal(outside);
  if (real === null) return { problem: `${outside} is no IP address with a port`, hint };
  const remote = readRemote(inside);
  if (!('value' in remote)) return { problem: remote.complaint.replaceAll('`', ''), hint };
  const { host, port } = remote.value;
  return { door: { transport: protocol === 'udp' ? 'udp' : 'tcp', way, real, host, port } };
}

function readReal(text: string): RealPlace | null {
  const [, bracketed, plain, digits = ''] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const written = bracketed ?? plain ?? '';
  const address = written === 'localhost' ? '127.0.0.1' : written;
  const port = Number(digits);
  return isIP(address) > 0 && port <= 65_535 ? { address, port } : null;
}

/** Whether an address is this machine's own, which nobody else can reach. */
export function isLoopback(address: string): boolean {
  return address === '::1' || /^127\./.test(address);
}

export function placeText({ address, port }: RealPlace): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
