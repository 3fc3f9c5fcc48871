/** A session is one conversation, from whatever address its requests come. */

import { expect, it } from 'vitest';
import { defineScenario, simulate } from '../../../../src/index.ts';

it('keeps the name that a session began with when its client gets an address meanwhile', () => {
  const run = simulate(
    defineScenario({
      packetwalk: 1,
      title: 'a session that begins from a link-local address',
      seed: 2,
      until: '10s',
      nodes: {
        client: { ip: '2001:db8::1/64' },
        server: { ip: '2001:db8::2/64', apps: { chat: { kind: 'socketio-server', on: { say: 'echo' } } } },
      },
      links: [{ between: ['client', 'server'], delay: '5ms' }],
      timeline: [
        // After its start its addresses are tentative, each for a time of its own (RFC 4862 section 5.4).
        { at: '0s', for: '100ms', node: 'client', do: { crash: true } },
        { at: '1800ms', node: 'client', do: { 'io-connect': { url: 'http://server:3000', transports: ['polling'] } } },
        { at: '4s', node: 'client', do: { emit: { event: 'say', data: 'one' } } },
      ],
    }),
  );
  const sources = new Set<string>();
  const conversations = new Set<string>();
  for (const { node, event } of run.entries) {
    if (event.kind !== 'encoded' && event.kind !== 'decoded') continue;
    if (event.layer !== 7 || event.conversation === undefined) continue;
    if (event.conversation.startsWith('io ')) conversations.add(`${event.conversation}`);
    else if (node === 'client') sources.add(event.conversation.includes('fe80') ? 'link-local' : 'its own');
  }
  expect([...sources].sort()).toEqual(['its own', 'link-local']);
  expect(conversations.size).toBe(1);
});
