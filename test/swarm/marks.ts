/** Rare states that runs should reach at some time, or the faults are none ("sometimes" assertions). Counted by run. */

import type { Entry } from '../../src/kernel/journal.ts';

const TOLD: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['a black hole was found', /a black hole/],
  ['an ICMP too-big narrowed a path', /ICMP too-big/],
  ['a queue delivered again', /\(redelivered\)/],
  ['a Socket.IO client came back', /^reconnected/],
  ['a Socket.IO session was recovered', /, recovered$/],
  ['an MQTT or queue client tried again', /tries again in/],
  ['a keep-alive or heartbeat gave up', /taken for dead|keep-alive probes/],
  ['a DNS answer came from the cache', /as the cache still knows/],
  ['a WebSocket was closed', /the WebSocket is closed/],
  ['a reset was sent', /sends a reset/],
];

/** The name of what an entry shows, if it is something rare. */
export function markOf({ event }: Entry): string | null {
  switch (event.kind) {
    case 'dropped':
      return `dropped: ${event.reason}`;
    case 'state':
      return event.layer === 4 ? `tcp: ${event.from} to ${event.to}` : `${event.protocol}: ${event.to}`;
    case 'timer':
      return event.phase === 'fired' ? `timer: ${event.name.replace(/ .*/, '')}` : null;
    case 'app':
      return TOLD.find(([, pattern]) => pattern.test(event.text))?.[0] ?? null;
    case 'metric':
      return event.name === 'rcvwnd' && event.value === 0 ? 'a window was closed' : null;
    case 'encoded':
      return event.protocol === 'ipv4' && isFragment(event.bytes) ? 'a datagram was cut into fragments' : null;
    default:
      return null;
  }
}

function isFragment(bytes: Uint8Array): boolean {
  return (((bytes[6] ?? 0) << 8) | (bytes[7] ?? 0)) % 0x8000 > 0 && ((bytes[6] ?? 0) & 0x3f) + (bytes[7] ?? 0) > 0;
}
