import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Entry, type Event, Journal, type Nanos } from '../../src/kernel/journal.ts';

const told = (machine: string, text: string): Event => ({ kind: 'app', layer: 7, machine, text });
const octets = new Uint8Array(new ArrayBuffer(8), 2, 4).map((_, at) => at + 1);
const bytes = octets.subarray(1, 3);

const KINDS: readonly Event[] = [
  told('a\nb', 'c'),
  told('a', 'b\nc'),
  told('', ''),
  { kind: 'input', layer: 7, machine: 'timeline', text: 'get http://server/' },
  { kind: 'metric', layer: 4, protocol: 'tcp', machine: 'tcp.x', name: 'rtt', value: 2 ** 52 + 1 },
  { kind: 'metric', layer: 4, protocol: 'tcp', machine: 'tcp.x', name: 'cwnd', value: -1 },
  { kind: 'timer', layer: 4, machine: 'tcp.x', name: 'retransmission', phase: 'cleared', dueNs: 0 },
  { kind: 'state', layer: 4, protocol: 'tcp', machine: 'tcp.x', from: 'CLOSED', to: 'LISTEN', because: 'it listens' },
  { kind: 'encoded', layer: 7, protocol: 'data', bytes, carries: [], via: '' },
  { kind: 'encoded', layer: 7, protocol: 'data', bytes, carries: [], via: '', conversation: 'one' },
  { kind: 'encoded', layer: 7, protocol: 'data', bytes, carries: [3], via: '', conversation: '' },
  { kind: 'decoded', layer: 4, protocol: 'tcp', bytes: new Uint8Array(0), carries: [7, 8, 9], via: 'tcp.x' },
  { kind: 'decoded', layer: 4, protocol: 'tcp', bytes, carries: [0], via: 'tcp.x' },
  ...(['queued', 'departed', 'arrived'] as const).map(
    (kind): Event => ({
      kind,
      layer: 1,
      link: 'a-b',
      interface: 'eth0',
      frame: 7,
      bytes,
      carries: [1],
      measure: 2 ** 40,
    }),
  ),
  {
    kind: 'dropped',
    layer: 1,
    protocol: 'cable',
    reason: 'lost',
    detail: 'lost on a-b (loss 5%)',
    bytes,
    carries: [2, 3],
    link: 'a-b',
    frame: 9,
    via: 'eth0',
  },
  {
    kind: 'table',
    layer: 2,
    protocol: 'arp',
    change: { table: 'arp', key: '10.0.0.1', row: { mac: '02:00:00:00:00:01' }, because: 'a reply' },
  },
];

/** All kinds again and again, on changing nodes. */
function journalOf(count: number): Journal {
  const journal = new Journal(true);
  for (let at = 0; at < count; at++) {
    journal.cause = at === 0 ? null : at - 1;
    expect(journal.append(atNs(at), node(at), KINDS[at % KINDS.length] as Event)).toBe(at);
  }
  return journal;
}
const atNs = (at: number) => 86_400_000_000_000 + at * 1001;
const node = (at: number) => `node\n${at % 5}`;

function expectAt(journal: Journal, at: number): void {
  for (const entry of [journal.at(at), journal.entries[at]]) {
    if (!entry) throw new Error('no entry');
    const { seq, cause, event } = entry;
    expect([seq, entry.atNs, entry.node, cause]).toEqual([at, atNs(at), node(at), at === 0 ? null : at - 1]);
    expect(event).toEqual(KINDS[at % KINDS.length]);
  }
}

describe('the journal', () => {
  it('says again what it was told, of every kind of event', () => {
    const journal = journalOf(3 * KINDS.length);
    expect(journal.length).toBe(3 * KINDS.length);
    for (let at = 0; at < journal.length; at++) expectAt(journal, at);
  });

  it('does so in any order, and of more entries than one array holds', () => {
    const journal = journalOf(20_000);
    for (let at = 19_999; at >= 0; at -= 997) expectAt(journal, at);
    for (let at = 0; at < 20_000; at += 1009) expectAt(journal, (at * 7919) % 20_000);
  });

  it('grows what somebody has asked for', () => {
    const journal = journalOf(3);
    const { entries } = journal;
    expect(entries).toHaveLength(3);
    journal.append(5, 'a', told('m', 'new'));
    expect(entries.at(-1)?.event).toEqual(told('m', 'new'));
    expect(journal.entries).toBe(entries);
    expect(journal.at(3)).toBe(entries[3]);
  });

  it('keeps octets where they are', () => {
    const journal = journalOf(KINDS.length);
    const event = journal.entries.map((entry) => entry.event).find(({ kind }) => kind === 'arrived');
    if (event?.kind !== 'arrived') throw new Error('nothing arrived');
    expect(event.bytes.buffer).toBe(bytes.buffer);
    expect(event.bytes.byteOffset).toBe(bytes.byteOffset);
  });

  it('says what an entry carries, as long as that is an encoded one', () => {
    const journal = new Journal(true);
    const pdu = (kind: 'encoded' | 'decoded', carries: readonly number[]) =>
      journal.append(0, 'a', { kind, layer: 3, protocol: 'ipv4', bytes, carries, via: 'eth0' });
    const [none, one, many, other] = [
      pdu('encoded', []),
      pdu('encoded', [0]),
      pdu('encoded', [1, 0]),
      pdu('decoded', [2]),
    ];
    expect(journal.carriedBy([none])).toEqual([]);
    expect(journal.carriedBy([one])).toEqual([0]);
    expect(journal.carriedBy([many, one, other])).toEqual([1, 0, 0]);
  });

  it('has no entry that it does not have', () => {
    const journal = journalOf(2);
    for (const seq of [-1, 2, 0.5, Number.NaN]) expect(() => journal.at(seq)).toThrow(RangeError);
  });

  it('says again what it was told: any event, at any time, for any cause, carrying anything', () => {
    fc.assert(
      fc.property(fc.array(telling, { maxLength: 60 }), fc.array(fc.nat(), { maxLength: 60 }), (tellings, order) => {
        const journal = new Journal(true);
        const told = tellings.map(({ cause, carries, event, ...rest }, seq): Entry => {
          journal.cause = causeOf(cause, seq);
          const whole = 'bytes' in event ? { ...event, carries: carriesOf(carries, journal.cause) } : event;
          expect(journal.append(rest.atNs, rest.node, whole)).toBe(seq);
          return { seq, ...rest, cause: journal.cause, kind: whole.kind, event: whole };
        });
        const seqs = [...told.keys(), ...order.map((at) => at % Math.max(1, told.length))];
        for (const seq of told.length === 0 ? [] : seqs) {
          const { atNs, node, cause, kind, event } = journal.at(seq);
          expect({ seq, atNs, node, cause, kind, event }).toEqual(told[seq]);
        }
      }),
    );
  });
});

const name = fc.constantFrom('', 'a', 'b\nc', 'eth0', 'tcp.http');
const layer = fc.constantFrom(1, 2, 3, 4, 5, 6, 7);
const someBytes = fc.uint8Array({ maxLength: 40 });
/** Whole and not, small and large, and those that a comparison with === takes for others. */
const number = fc.oneof(
  fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 0.5),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
);
const whole = fc.nat({ max: 2 ** 31 - 1 });

const event: fc.Arbitrary<Event> = fc.oneof(
  ...(['encoded', 'decoded'] as const).flatMap((kind) => {
    const parts = {
      kind: fc.constant(kind),
      layer,
      protocol: name,
      bytes: someBytes,
      carries: fc.constant([]),
      via: name,
    };
    return [fc.record(parts), fc.record({ ...parts, conversation: name })];
  }),
  fc.record({
    kind: fc.constantFrom('queued', 'departed', 'arrived'),
    layer: fc.constant(1),
    link: name,
    interface: name,
    frame: whole,
    bytes: someBytes,
    carries: fc.constant([]),
    measure: number,
  }),
  fc.record({
    kind: fc.constant('dropped'),
    layer,
    protocol: name,
    reason: fc.constantFrom('lost', 'scripted'),
    detail: name,
    bytes: someBytes,
    carries: fc.constant([]),
    link: name,
    frame: whole,
    via: name,
  }),
  fc.record({
    kind: fc.constant('state'),
    layer,
    protocol: name,
    machine: name,
    from: name,
    to: name,
    because: name,
  }),
  fc.record({ kind: fc.constant('metric'), layer, protocol: name, machine: name, name, value: number }),
  fc.record({
    kind: fc.constant('timer'),
    layer,
    machine: name,
    name,
    phase: fc.constantFrom('set', 'fired', 'cleared'),
    dueNs: number,
  }),
  fc.record({
    kind: fc.constant('table'),
    layer,
    protocol: name,
    change: fc.record({ table: name, key: name, row: fc.constantFrom(null, { mac: 'a', age: 1 }), because: name }),
  }),
  fc.record({ kind: fc.constantFrom('input', 'app'), layer: fc.constant(7), machine: name, text: name }),
) as fc.Arbitrary<Event>;

const telling = fc.record({
  // Mostly as before, and back as well: captures are not in the order of their times.
  atNs: fc.constantFrom<Nanos[]>(0, 5, 5, 5, 2 ** 52 + 1, 7),
  node: name,
  cause: fc.constantFrom('none', 'before', 'first', 'later'),
  carries: fc.constantFrom('nothing', 'cause', 'other', 'two', 'many'),
  event,
});

function causeOf(cause: string, seq: number): number | null {
  if (cause === 'none') return null;
  if (cause === 'later') return seq + 3;
  return cause === 'before' && seq > 0 ? seq - 1 : 0;
}

function carriesOf(carries: string, cause: number | null): readonly number[] {
  if (carries === 'nothing') return [];
  if (carries === 'cause') return [cause ?? 1];
  if (carries === 'two') return [cause ?? 2, 9];
  return carries === 'other' ? [2 ** 31 - 1] : [0, 3, 2, 1];
}
