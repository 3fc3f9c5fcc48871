import type { SocketCall } from '../scenario/socket-spec.ts';

/** A call of a real program, in a sentence for people. */
export function socketCallText(call: SocketCall): string {
  switch (call.name) {
    case 'listen':
      return `${call.as} listens on ${call.port === 0 ? 'a free port' : `port ${call.port}`}`;
    case 'bind':
      return `${call.as} takes ${call.port === 0 ? 'a free UDP port' : `UDP port ${call.port}`}`;
    case 'connect':
      return `${call.as} connects to ${call.to.host}:${call.to.port}`;
    case 'lookup':
      return `${call.as} looks up ${call.host}`;
    case 'write':
      return `${call.on} writes ${octets(call.bytes)}`;
    case 'send':
      return `${call.on} sends ${octets(call.bytes)} to ${call.to.host}:${call.to.port}`;
    default:
      return `${call.on}: ${call.name}`;
  }
}

function octets({ length }: Uint8Array): string {
  return length === 1 ? '1 octet' : `${length} octets`;
}
