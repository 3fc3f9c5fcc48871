/**
 * What a real program calls on the sockets of a node. Programs on simulated hosts and connections through the gateway
 * do nothing else to a run, so that their calls, with their times, are all that is needed to have the same run again.
 */

import type { Remote } from './scenario.ts';

export interface SocketAction {
  readonly kind: 'socket';
  readonly node: string;
  readonly call: SocketCall;
}

export type SocketCall =
  /** Accepts connections; the first is called `NAME.1`, the next `NAME.2`. Port 0: a free one. */
  | { readonly name: 'listen'; readonly as: string; readonly port: number }
  | { readonly name: 'connect'; readonly as: string; readonly to: Remote; readonly noDelay: boolean }
  /** A socket for datagrams; port 0: a free one. */
  | { readonly name: 'bind'; readonly as: string; readonly port: number }
  | { readonly name: 'lookup'; readonly as: string; readonly host: string }
  | { readonly name: 'write'; readonly on: string; readonly bytes: Uint8Array }
  | { readonly name: 'send'; readonly on: string; readonly to: Remote; readonly bytes: Uint8Array }
  | { readonly name: PlainCall; readonly on: string };

/**
 * `end`: no more will be written. `close`: of a connection, a listener or a datagram socket. `abort`: RST. `pause`,
 * `resume`: what arrives stays in TCP's receive buffer. `no-delay`: Nagle's algorithm off from now on.
 */
export type PlainCall = (typeof PLAIN_CALLS)[number];

export const PLAIN_CALLS = ['end', 'close', 'abort', 'pause', 'resume', 'no-delay'] as const;

/** Calls in the words of a file: text where every octet of it is a printable character of ASCII, else Base64. */
export function socketCallFile(call: SocketCall): Readonly<Record<string, unknown>> {
  switch (call.name) {
    case 'listen':
    case 'bind':
      return { [call.name]: call.port, as: call.as };
    case 'connect':
      return { connect: remoteText(call.to), as: call.as, ...(call.noDelay && { 'no-delay': true }) };
    case 'lookup':
      return { lookup: call.host, as: call.as };
    case 'write':
      return { on: call.on, ...contentFile(call.bytes) };
    case 'send':
      return { on: call.on, to: remoteText(call.to), ...contentFile(call.bytes) };
    default:
      return { on: call.on, [call.name]: true };
  }
}

function remoteText({ host, port }: Remote): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function contentFile(bytes: Uint8Array): { readonly text: string } | { readonly base64: string } {
  const octets = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const isText =
    bytes.length > 0 && bytes.every((octet) => (octet >= 0x20 && octet <= 0x7e) || octet === 10 || octet === 13);
  const text = isText ? octets.toString('latin1') : '';
  // `${` would be a parameter.
  return isText && !text.includes('${') ? { text } : { base64: octets.toString('base64') };
}
