import { describe, expect, it } from 'vitest';
import { patternMismatch } from '../../../../src/layers/7-application/bulk/pattern.ts';
import { sendDatagrams } from '../../../../src/layers/7-application/data/udp-send.ts';
import { serveEcho } from '../../../../src/layers/7-application/echo/echo.ts';
import { Lookup } from '../../../../src/layers/7-application/names.ts';
import { FakeWorld } from '../fake-transport.ts';

function setUp() {
  const world = new FakeWorld({ delayNs: 5 });
  const [client, server] = [world.host('client', 1), world.host('server', 2)];
  serveEcho(server.services, { name: 'echo-server', port: 7, transport: 'udp' });
  const lookup = new Lookup({ nodeAddresses: (name) => (name === 'server' ? [2] : []) }, null);
  const send = (options: Partial<Parameters<typeof sendDatagrams>[2]>) =>
    sendDatagrams(client.services, lookup, {
      host: 'server',
      port: 7,
      content: { kind: 'text', text: 'ping {n} at {t}' },
      times: 1,
      everyNs: 0,
      ...options,
    });
  return { world, client, send };
}

describe('udp-send', () => {
  it('sends so often and so far apart, from one socket, and hears the answers', () => {
    const { world, send } = setUp();
    send({ times: 3, everyNs: 1_500_000_000 });
    world.run();
    const expected = ['ping 1 at 0.000000', 'ping 2 at 1.500000', 'ping 3 at 3.000000'];
    expect(world.messages('client', 'encoded', 'data')).toEqual(expected);
    expect(world.messages('server', 'decoded', 'data')).toEqual(expected);
    expect(world.messages('client', 'decoded', 'data')).toEqual(expected);
    const spoken = world.of('client').flatMap(({ event }) => ('conversation' in event ? [event.conversation] : []));
    expect(new Set(spoken)).toEqual(new Set(['udp 0.0.0.1:49152 0.0.0.2:7']));
    expect(world.told('client').slice(0, 2)).toEqual([
      'sends 18 octets: "ping 1 at 0.000000" to 0.0.0.2:7',
      'received 18 octets: "ping 1 at 0.000000" from 0.0.0.2:7',
    ]);
  });

  it('each datagram of a size holds another part of the pattern', () => {
    const { world, send } = setUp();
    send({ content: { kind: 'size', bytes: 40 }, times: 3 });
    world.run();
    const all = Buffer.from(world.messages('server', 'decoded', 'data').join(''), 'latin1');
    expect(all.length).toBe(120);
    expect(patternMismatch(all, 0)).toBe(-1);
  });

  it('tells when nobody listens', () => {
    const { world, send } = setUp();
    send({ port: 8 });
    world.run();
    expect(world.told('client').at(-1)).toBe('refused: nobody listens on that port (0.0.0.2:8)');
  });

  it('tells when there is no address or no route', () => {
    const { world, client, send } = setUp();
    send({ host: 'nobody' });
    client.hasRoute = false;
    send({});
    world.run();
    expect(world.told('client')[0]).toBe(
      'cannot send to nobody: no node is called nobody, and this node has no name server to ask',
    );
    expect(world.messages('client', 'dropped', 'data')).toEqual(['ping 1 at 0.000000']);
    expect(world.messages('client', 'encoded', 'data')).toEqual([]);
  });
});
