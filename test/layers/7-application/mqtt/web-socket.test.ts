/** MQTT over WebSocket (MQTT 3.1.1 section 6). */

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { RawClient } from '../raw-client.ts';
import { overWebSocket, SECOND, Stage } from './stage.ts';

const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade';
const OVER = { port: 8083, webSocketPath: '/mqtt' };

function framesOf(stage: Stage, node: string): number[] {
  return stage.star
    .of(node)
    .flatMap(({ event }) =>
      event.kind === 'encoded' && event.protocol === 'websocket' ? [(event.bytes[0] as number) & 0x0f] : [],
    );
}

describe('a broker that is asked for a WebSocket', () => {
  const ask = (lines: readonly string[]) => {
    const stage = new Stage(['web']);
    const request = `${lines.join('\r\n')}\r\n\r\n`;
    const client = new RawClient(stage.servicesOf('web'), 0x0a000001, 8083).send(Buffer.from(request).toString('hex'));
    stage.run(5 * SECOND);
    return Buffer.from(client.answer, 'hex').toString('latin1');
  };
  const UPGRADE = ['GET /mqtt HTTP/1.1', 'Host: b', 'Upgrade: websocket', 'Connection: Upgrade'];
  const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';

  it.each([
    ['not at all', ['GET /mqtt HTTP/1.1', 'Host: b'], /^HTTP\/1.1 426 .*This is MQTT over WebSocket/s],
    [
      'of another version',
      [...UPGRADE, KEY, 'Sec-WebSocket-Version: 7'],
      /^HTTP\/1.1 426 .*Sec-WebSocket-Version: 13/s,
    ],
    ['without a key', [...UPGRADE, 'Sec-WebSocket-Version: 13'], /^HTTP\/1.1 400 /],
    [
      'without a subprotocol',
      [...UPGRADE, KEY, 'Sec-WebSocket-Version: 13'],
      /^HTTP\/1.1 400 .*the subprotocol mqtt is missing/s,
    ],
    [
      'of MQTT',
      [...UPGRADE, KEY, 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Protocol: mqtt'],
      /^HTTP\/1.1 101 .*Sec-WebSocket-Protocol: mqtt/s,
    ],
  ])('%s', (_, lines, answer) => {
    expect(ask(lines)).toMatch(answer);
  });

  it('hears no text, and nothing that is empty', () => {
    const stage = new Stage(['web']);
    const upgrade = [...UPGRADE, KEY, 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Protocol: mqtt'];
    const hex = Buffer.from(`${upgrade.join('\r\n')}\r\n\r\n`).toString('hex');
    const client = new RawClient(stage.servicesOf('web'), 0x0a000001, 8083);
    client.send(hex);
    stage.run(SECOND);
    client.send('8280 00000000');
    stage.run(2 * SECOND);
    expect(client.answer).not.toMatch(/880203eb$/);
    client.send('8183 00000000 616263');
    stage.run(5 * SECOND);
    // 1003: it cannot accept text (RFC 6455 section 7.4.1).
    expect(client.answer).toMatch(/880203eb$/);
  });
});

describe('MQTT over WebSocket', () => {
  it('carries every packet in binary frames, with the subprotocol mqtt', () => {
    const stage = new Stage(['pub', 'sub']);
    stage.connect(0, 'pub', OVER);
    stage.connect(0, 'sub');
    stage.subscribe(0, 'sub', 't', 2);
    for (const qos of [0, 1, 2] as const) stage.publish(SECOND, 'pub', 't', `q${qos}`, { qos });
    stage.at(2 * SECOND, 'pub', (client) => client.disconnect(null));
    stage.run(5 * SECOND);
    expect(stage.received('sub').sort()).toEqual(['q0', 'q1', 'q2']);
    // Binary messages, and the closing handshake.
    expect(new Set(framesOf(stage, 'pub'))).toEqual(new Set([2, 8]));
    const [request] = stage.star
      .of('pub')
      .flatMap(({ event }) =>
        event.kind === 'encoded' && event.protocol === 'http' ? [Buffer.from(event.bytes).toString('latin1')] : [],
      );
    expect(request).toMatch(/^GET \/mqtt HTTP\/1.1\r\nHost: 10.0.0.1:8083\r\n/);
    expect(request).toMatch(/\r\nSec-WebSocket-Protocol: mqtt\r\n/);
    expect(stage.state().get('pub.mqtt.pub.state')).toBe('disconnected');
    expect(stage.state().get('broker.mqtt.pub.state')).toBe('ended');
    expect(stage.dropped()).toEqual([]);
  });

  it('receives over it too, more than one frame holds, and keeps its session over a crash of the broker', () => {
    const stage = new Stage(['pub', 'sub']);
    stage.connect(0, 'pub', { clean: false });
    stage.connect(0, 'sub', { ...OVER, clean: false });
    stage.subscribe(0, 'sub', 't', 2);
    stage.at(SECOND, 'pub', (client) =>
      client.publish(null, {
        topic: 't',
        content: { kind: 'size', bytes: 200_000 },
        qos: 2,
        retain: false,
        times: 1,
        everyNs: 0,
      }),
    );
    stage.star.at(10 * SECOND, 'broker', () => stage.star.restartIn('broker', SECOND));
    stage.publish(40 * SECOND, 'pub', 't', 'after', { qos: 2 });
    stage.run(80 * SECOND);
    const texts = stage.star.told('sub').filter((text) => text.startsWith('received'));
    expect(texts).toEqual(['received 200000 octets on t (QoS 2)', 'received 5 octets: "after" on t (QoS 2)']);
    expect(stage.star.told('sub')).toContain('connected, its session is present');
  });

  it('finds out a broker that does not serve it, and tries again', () => {
    const stage = new Stage(['pub']);
    stage.connect(0, 'pub', { port: 8084, webSocketPath: '/mqtt' });
    stage.run(3 * SECOND);
    expect(stage.star.told('pub')).toContain('no WebSocket: the connection was refused');
    expect(stage.star.told('pub')).toContain('the connection was refused; tries again in 1 s');
  });

  it.each([
    ['is no WebSocket', 'HTTP/1.1 404 Not Found\r\nContent-Length: 0', 'the server answers 404 Not Found'],
    ['speaks no MQTT', `${SWITCHING}\r\nSec-WebSocket-Accept: KEY`, 'the server does not speak mqtt over it'],
    [
      'did not read the request',
      `${SWITCHING}\r\nSec-WebSocket-Accept: dGhlIHNhbXBsZSBub25jZQ==`,
      'Sec-WebSocket-Accept does not fit the key',
    ],
  ])('finds out a server that %s', (_, head, why) => {
    const stage = new Stage(['pub', 'web']);
    stage.servicesOf('web').streams.listen('web', 8083, (stream) => ({
      onReadable: () => {
        const [, key = ''] = /Sec-WebSocket-Key: (\S+)/.exec(Buffer.from(stream.read()).toString('latin1')) ?? [];
        const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
        stream.write(Buffer.from(`${head.replace('KEY', accept)}\r\n\r\n`, 'latin1'));
      },
      onEnd: () => stream.close(),
    }));
    stage.connect(0, 'pub', { ...OVER, host: 'web' });
    stage.run(0.5 * SECOND);
    expect(stage.star.told('pub')[0]).toBe(`no WebSocket: ${why}`);
    expect(stage.state().get('pub.mqtt.pub.state')).not.toBe('connected');
  });

  it('is the one service that its octets came over', () => {
    const stage = new Stage(['pub']);
    const seen: string[] = [];
    stage.star.at(0, 'pub', () => {
      const services = stage.servicesOf('pub');
      const stream = overWebSocket(services)(services, '/').connect(
        'raw',
        { address: 0x0a000001, port: 8083 },
        {
          onOpen: () => stream.write(new Uint8Array(Buffer.from('c00100', 'hex'))),
          onEnd: () => seen.push('end'),
          onClose: (reason) => seen.push(reason),
        },
      );
    });
    stage.run(10 * SECOND);
    expect(seen).toEqual(['end', 'finished']);
  });
});
