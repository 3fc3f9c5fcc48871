/** What happens from outside, in a sentence for people. */

import { expect, it } from 'vitest';
import type { Action } from '../../src/scenario/scenario.ts';
import { actionText } from '../../src/world/action-text.ts';

const node = 'a';
const mqtt = {
  to: { host: 'b', port: 1883 },
  as: 'c',
  clientId: 'c',
  version: 4,
  clean: true,
  keepAliveSeconds: 0,
  sessionExpirySeconds: null,
  will: null,
};

it.each<[object, string]>([
  [
    { kind: 'set-link', link: 'l', aToB: { bitsPerSecond: null, jitterNs: undefined }, bToA: { bitsPerSecond: 1000 } },
    'set l: a-to-b rate unlimited; b-to-a rate 1000bit/s',
  ],
  [{ kind: 'set-link', link: 'l', aToB: { down: true }, bToA: { down: true } }, 'set l: down'],
  [{ kind: 'set-link', link: 'l', aToB: {}, bToA: {}, mtuBytes: 900 }, 'set l: mtu 900B'],
  [
    { kind: 'set-link', link: 'l', aToB: {}, bToA: {}, mtuBytes: 900, mtuBytesOf: { aToB: 800, bToA: 700 } },
    'set l: mtu 900B, a-to-b mtu 800B, b-to-a mtu 700B',
  ],
  [{ kind: 'set-link', link: 'l', aToB: {}, bToA: {} }, 'set l: nothing'],
  [{ kind: 'dhcp', node, what: 'renew', interface: null }, 'dhcp renew'],
  [{ kind: 'dhcp', node, what: 'release', interface: 'eth0' }, 'dhcp release eth0'],
  [{ kind: 'ws-close', node, on: null, code: null }, 'ws-close'],
  [{ kind: 'ws-close', node, on: 'w', code: 4000 }, 'ws-close on w with 4000'],
  [{ kind: 'ws-send', node, on: null, payload: { kind: 'size', bytes: 7 }, times: 2 }, 'ws-send 7 octets, 2 times'],
  [
    { kind: 'emit', node, on: null, app: null, event: 'e', content: { kind: 'size', bytes: 7 }, room: null, times: 1 },
    'emit e 7 octets',
  ],
  [
    { kind: 'emit', node, on: null, app: 'io', event: 'e', content: { kind: 'json', value: 1 }, room: 'r', times: 1 },
    'emit e 1 to the room r on io',
  ],
  [{ kind: 'emit', node, on: null, app: null, event: 'e', content: { kind: 'none' }, room: null, times: 1 }, 'emit e'],
  [
    {
      kind: 'publish',
      node,
      on: null,
      topic: 't',
      payload: { kind: 'size', bytes: 7 },
      qos: 1,
      retain: true,
      times: 1,
    },
    'publish 7 octets to t with QoS 1, retained',
  ],
  [{ kind: 'mqtt-connect', node, ...mqtt, webSocketPath: null }, 'mqtt-connect to b as c'],
  [
    { kind: 'mqtt-connect', node, ...mqtt, clean: false, webSocketPath: '/mqtt' },
    'mqtt-connect to ws://b:1883/mqtt as c, with a session that stays',
  ],
  [{ kind: 'socket', node, call: { name: 'bind', as: 's', port: 0 } }, 's takes a free UDP port'],
  [{ kind: 'socket', node, call: { name: 'bind', as: 's', port: 53 } }, 's takes UDP port 53'],
  [{ kind: 'socket', node, call: { name: 'listen', as: 's', port: 0 } }, 's listens on a free port'],
  [{ kind: 'socket', node, call: { name: 'write', on: 's', bytes: new Uint8Array(1) } }, 's writes 1 octet'],
  [{ kind: 'socket', node, call: { name: 'close', on: 's' } }, 's: close'],
])('%j: %s', (action, text) => {
  expect(actionText(action as Action)).toBe(text);
});
