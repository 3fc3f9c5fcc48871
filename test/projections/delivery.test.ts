import { describe, expect, it } from 'vitest';
import { deliveryOf } from '../../src/projections/delivery.ts';
import { HandMade, PAIR } from './hand-made.ts';

const TCP = 'tcp 10.0.0.1:49152 10.0.0.2:80';
const UDP = 'udp 10.0.0.1:49152 10.0.0.2:9';
const text = (words: string) => new TextEncoder().encode(words);

function judge(run: HandMade) {
  return deliveryOf(run.entries, 'client', 'server', ['10.0.0.2']);
}

describe('delivery over TCP', () => {
  it('does not care how reads cut the stream', () => {
    const run = new HandMade(PAIR);
    run.message(0, 'client', 'encoded', TCP, text('hello'));
    run.message(0, 'client', 'encoded', TCP, text('world'));
    run.message(5, 'server', 'decoded', TCP, text('hel'));
    run.message(7, 'server', 'decoded', TCP, text('loworld'));
    expect(judge(run)).toEqual({
      sent: { bytes: 10, messages: 2 },
      delivered: { bytes: 10, messages: 2 },
      repeated: { bytes: 0, messages: 0 },
      outOfOrder: 0,
      damage: null,
      lastNs: 7,
      housekeeping: { sent: 0, delivered: 0 },
    });
  });

  it('counts messages of which every octet arrived', () => {
    const run = new HandMade(PAIR);
    run.message(0, 'client', 'encoded', TCP, text('hello'));
    run.message(0, 'client', 'encoded', TCP, text('world'));
    run.message(5, 'server', 'decoded', TCP, text('hellowor'));
    expect(judge(run)).toMatchObject({ delivered: { bytes: 8, messages: 1 }, damage: null });
  });

  it('notices an octet that changed, and one too many', () => {
    const changed = new HandMade(PAIR);
    changed.message(0, 'client', 'encoded', TCP, text('hello'));
    changed.message(5, 'server', 'decoded', TCP, text('heLlo'));
    expect(judge(changed)).toMatchObject({
      delivered: { bytes: 2, messages: 0 },
      damage: `octet 2 of ${TCP} is another one than was sent`,
    });
    const doubled = new HandMade(PAIR);
    doubled.message(0, 'client', 'encoded', TCP, text('hello'));
    doubled.message(5, 'server', 'decoded', TCP, text('hellohello'));
    expect(judge(doubled).damage).toBe(`octet 5 of ${TCP} was never sent`);
  });

  it('takes no answer and no other host for what was sent', () => {
    const run = new HandMade(PAIR);
    run.message(0, 'client', 'encoded', TCP, text('ask'));
    run.message(0, 'client', 'encoded', 'tcp 10.0.0.1:49153 10.0.0.3:80', text('elsewhere'));
    run.message(1, 'server', 'decoded', TCP, text('ask'));
    run.message(2, 'server', 'encoded', TCP, text('answer'));
    run.message(3, 'client', 'decoded', TCP, text('answer'));
    expect(judge(run)).toMatchObject({ sent: { bytes: 3 }, delivered: { bytes: 3 } });
  });
});

describe('what a session says for its own sake', () => {
  const made = (protocol: string, ...messages: (string | readonly number[])[]) => {
    const run = new HandMade(PAIR);
    const conversation = protocol === 'socket-io' ? 'io 10.0.0.1:0 10.0.0.2:3000 abc' : TCP;
    const octets = messages.map((one) => (typeof one === 'string' ? text(one) : Uint8Array.from(one)));
    for (const bytes of octets) run.message(0, 'client', 'encoded', conversation, bytes, undefined, protocol);
    for (const bytes of octets) run.message(5, 'server', 'decoded', conversation, bytes, undefined, protocol);
    return run;
  };

  it.each([
    ['http', 1, ['GET / HTTP/1.1\r\nHost: a\r\n\r\n', 'GET /chat HTTP/1.1\r\nUpgrade: websocket\r\n\r\n']],
    ['http', 1, ['HTTP/1.1 101 Switching Protocols\r\n\r\n', 'HTTP/1.1 200 OK\r\n\r\n']],
    ['http', 0, ['GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\n\r\n', 'POST /x HTTP/1.1\r\n\r\n']],
    ['socket-io', 2, ['0', '2["say",1]', '30["yes"]', '1']],
    ['socket-io', 1, ['51-["file",{"_placeholder":true,"num":0}]', [0x32, 1, 2]]],
    [
      'mqtt',
      1,
      [
        [0x10, 0],
        [0x82, 0],
        [0x30, 4, 0, 1, 97, 98],
        [0xc0, 0],
        [0xe0, 0],
      ],
    ],
    [
      'amqp',
      1,
      [
        [1, 0, 1, 0, 0, 0, 4, 0, 60, 0, 20, 0xce],
        [1, 0, 1, 0, 0, 0, 4, 0, 60, 0, 40, 0xce],
      ],
    ],
    ['data', 2, ['0', '1']],
  ] as const)("of %s: %i messages are an application's", (protocol, messages, octets) => {
    const delivery = judge(made(protocol, ...octets));
    const total = octets.reduce((sum, one) => sum + one.length, 0);
    expect(delivery).toMatchObject({ sent: { messages }, delivered: { messages }, damage: null });
    expect(delivery.housekeeping.delivered + delivery.delivered.bytes).toBe(total);
    expect(delivery.housekeeping.sent).toBe(delivery.housekeeping.delivered);
  });
});

describe('delivery through a NAT', () => {
  const INSIDE = 'tcp 10.0.0.2:80 192.168.1.10:49152';
  const OUTSIDE = 'tcp 10.0.0.2:80 10.0.0.7:49200';

  function translated(port: number): HandMade {
    const run = new HandMade(PAIR);
    run.table(0, 'home', {
      table: 'nat',
      key: 'tcp 192.168.1.10:49152 10.0.0.2:80',
      row: { outside: `10.0.0.7:${port}` },
      because: 'the first packet from inside',
    });
    run.message(0, 'client', 'encoded', INSIDE, text('ask'));
    run.message(5, 'server', 'decoded', OUTSIDE, text('ask'));
    run.message(5, 'server', 'encoded', OUTSIDE, text('answer'));
    run.message(9, 'client', 'decoded', INSIDE, text('answer'));
    return run;
  }

  it('follows the row of the flow, there and back', () => {
    const { entries } = translated(49200);
    expect(deliveryOf(entries, 'client', 'server', ['10.0.0.2'])).toMatchObject({ delivered: { bytes: 3 } });
    expect(deliveryOf(entries, 'server', 'client', ['192.168.1.10'])).toMatchObject({ delivered: { bytes: 6 } });
  });

  it('knows nothing of a flow without a row', () => {
    const { entries } = translated(49201);
    const delivery = deliveryOf(entries, 'client', 'server', ['10.0.0.2']);
    expect(delivery).toMatchObject({ sent: { bytes: 3 }, delivered: { bytes: 0 } });
  });

  it('knows a session by its id', () => {
    const run = new HandMade(PAIR);
    run.message(0, 'client', 'encoded', 'io 10.0.0.2:80 192.168.1.10:0 abc', text('hi'));
    run.message(5, 'server', 'decoded', 'io 10.0.0.2:80 10.0.0.7:0 abc', text('hi'));
    run.message(5, 'server', 'encoded', 'io 10.0.0.2:80 10.0.0.7:0 abc', text('yes'));
    expect(judge(run)).toMatchObject({ sent: { bytes: 2 }, delivered: { bytes: 2 } });
  });
});

describe('delivery over UDP', () => {
  function datagrams(...arrivals: readonly (readonly [number, string])[]) {
    const run = new HandMade(PAIR);
    const sent = ['one', 'two', 'three'].map((word) => run.message(0, 'client', 'encoded', UDP, text(word)));
    for (const [index, word] of arrivals) run.message(9, 'server', 'decoded', UDP, text(word), [sent[index] ?? -1]);
    return judge(run);
  }

  it('counts each datagram once', () => {
    expect(datagrams([0, 'one'], [1, 'two'], [2, 'three'])).toMatchObject({
      sent: { bytes: 11, messages: 3 },
      delivered: { bytes: 11, messages: 3 },
      repeated: { messages: 0 },
      outOfOrder: 0,
    });
  });

  it('knows what is missing, doubled and late', () => {
    expect(datagrams([2, 'three'], [0, 'one'], [0, 'one'])).toMatchObject({
      delivered: { bytes: 8, messages: 2 },
      repeated: { bytes: 3, messages: 1 },
      outOfOrder: 1,
    });
  });

  it('does not count a datagram that changed and whose checksum did not tell', () => {
    expect(datagrams([0, 'oNe'])).toMatchObject({
      delivered: { messages: 0 },
      damage: `datagram 1 of ${UDP} is another one than was sent`,
    });
  });
});
