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
