import { describe, expect, it } from 'vitest';
import { serveIperf } from '../../../../src/layers/7-application/iperf/iperf-server.ts';
import { readParameters, streamId } from '../../../../src/layers/7-application/iperf/message.ts';
import { type FakeOptions, FakeWorld } from '../fake-transport.ts';
import { RawClient } from '../raw-client.ts';

const MS = 1_000_000;
const hex = (text: string) => Buffer.from(text).toString('hex');
const json = (value: unknown) => {
  const text = JSON.stringify(value);
  return text.length.toString(16).padStart(8, '0') + hex(text);
};
const COOKIE = `${hex('c'.repeat(36))}00`;
const OTHER = `${hex('o'.repeat(36))}00`;
const BASE = { tcp: true, omit: 0, time: 10, parallel: 1, len: 1000, client_version: '3.12' };
/** Octets that come in few pieces: a fast path. */
const FAST = { pieceBytes: () => 1500 };
const OF_CLIENT = json({ cpu_util_total: 1, sender_has_retransmits: -1, streams: [] });

function started(options: FakeOptions = {}) {
  const world = new FakeWorld({ delayNs: 10 * MS, pieceBytes: () => 7, ...options });
  const server = world.host('server', 2);
  serveIperf(server.services, { name: 'iperf3-server', port: 5201 });
  const client = world.host('client', 1);
  const open = () => new RawClient(client.services, 2, 5201);
  let untilNs = 0;
  const wait = (ms = 1000) => {
    untilNs += ms * MS;
    world.runUntil(untilNs);
  };
  return { world, open, wait };
}

/** Up to where the streams are connected and the test runs. */
function running(parameters: object, streams = 1, options: FakeOptions = {}) {
  const { world, open, wait } = started(options);
  const control = open().send(COOKIE + json({ ...BASE, ...parameters }));
  wait();
  const data = Array.from({ length: streams }, () => open().send(COOKIE));
  wait(100);
  /** The client ends the test; what the server says of its streams. */
  const results = (): { readonly id: number; readonly bytes: number; readonly end_time: number }[] => {
    control.send('04');
    wait();
    control.send(OF_CLIENT);
    wait();
    const [, text = ''] = /^090a01020d[0-9a-f]{8}(.*)0e$/.exec(control.answer) ?? [];
    return JSON.parse(Buffer.from(text, 'hex').toString()).streams;
  };
  return { world, open, wait, control, data, results };
}

describe('a server for iperf3', () => {
  it('a client sends: states in their order, the octets of each stream counted, and the next test is admitted', () => {
    const { world, open, wait, control, data, results } = running({ parallel: 2 }, 2);
    expect(control.answer).toBe('090a0102');
    data[0]?.send('aa'.repeat(1234));
    data[1]?.send('bb'.repeat(567));
    wait(2000);
    expect(results()).toMatchObject([
      { id: 1, bytes: 1234, retransmits: -1, start_time: 0 },
      { id: 3, bytes: 567, jitter: 0, errors: 0, packets: 0 },
    ]);
    // TEST_END closes the streams, as iperf3's server does.
    expect(data.map(({ ended }) => ended)).toEqual(['end of file', 'end of file']);
    control.send('10');
    wait();
    expect(control.ended).toBe('end of file');
    expect(world.told('server')).toEqual([
      'iperf3: a test of 2 streams begins, the client sends',
      'iperf3: received 1801 octets, sent 0 octets',
      'iperf3: the test is done',
    ]);
    const next = open().send(OTHER);
    wait();
    expect(next.answer).toBe('09');
  });

  it('reverse: the server sends whole blocks, at the rate that was asked for', () => {
    const { wait, data, results } = running({ reverse: true, bandwidth: 80_000 }, 1, FAST);
    wait(10_000);
    // 10,000 octets a second: one block of 1,000 each 100 ms, in the 10.1 s until now.
    const received = (data[0]?.answer.length ?? 0) / 2;
    expect(received).toBeGreaterThanOrEqual(100_000);
    expect(received).toBeLessThanOrEqual(102_000);
    expect(results()[0]?.bytes).toBeGreaterThanOrEqual(received);
  });

  it('reverse without a rate: as fast as it goes; what the transport had not taken does not count', () => {
    const small = { pieceBytes: () => 1000, sendBufferBytes: 5000, receiveBufferBytes: 5000 };
    const { wait, data, results } = running({ reverse: true, len: 100_000 }, 1, small);
    wait(3000);
    const [result] = results();
    const received = (data[0]?.answer.length ?? 0) / 2;
    expect(received).toBeGreaterThan(100_000);
    expect(received % 100_000).not.toBe(0);
    expect(result?.bytes).toBe(received);
  });

  it('both ways: the streams on which the client sends come first', () => {
    const { wait, data, results } = running({ bidirectional: true, bandwidth: 8000 }, 2, FAST);
    data[0]?.send('aa'.repeat(50));
    wait(2000);
    expect([data[0]?.answer, (data[1]?.answer.length ?? 0) > 0]).toEqual(['', true]);
    const [first, second] = results();
    expect([first?.id, first?.bytes, second?.id]).toEqual([1, 50, 3]);
    expect(second?.bytes).toBe((data[1]?.answer.length ?? 0) / 2);
  });

  it('seconds that are omitted do not count', () => {
    const { wait, data, results } = running({ omit: 2 });
    data[0]?.send('aa'.repeat(500));
    wait(3000);
    data[0]?.send('aa'.repeat(70));
    wait();
    const [result] = results();
    expect(result?.bytes).toBe(70);
    expect(result?.end_time).toBeLessThan(4);
  });

  it('one test at a time: another cookie is denied, and so is a stream too many', () => {
    const { wait, open, control } = running({});
    const [stranger, extra] = [open().send(OTHER), open().send(COOKIE)];
    wait();
    for (const { answer, ended } of [stranger, extra]) expect([answer, ended]).toEqual(['ff', 'end of file']);
    expect(control.ended).toBeNull();
  });

  for (const [parameters, why] of [
    [json({ ...BASE, tcp: false, udp: true }), 'only tests over TCP are implemented'],
    [json({ ...BASE, parallel: 129 }), 'of streams there may be 128'],
    [json({ ...BASE, parallel: 1.5 }), 'of streams there may be 128'],
    [json({ ...BASE, len: 0 }), 'blocks have 1 to 1048576 octets'],
    [json([1, 2]), 'the parameters are no JSON object'],
    [`00000003${hex('{"a')}`, 'the parameters are no JSON object'],
    ['7fffffff', 'a length of 2147483647 octets is no length of JSON text'],
  ] as const) {
    it(`says what it cannot do, and stands ready again: ${why}, ${parameters.length / 2} octets`, () => {
      const { world, open, wait } = started();
      const control = open().send(COOKIE + parameters);
      wait();
      // -2, IEUNIMP, no error of the system.
      expect(control.answer).toBe('09fe0000000d00000000');
      expect(world.told('server')).toEqual([`iperf3: ${why}`]);
      const next = open().send(COOKIE);
      wait();
      expect(next.answer).toBe('09');
    });
  }

  for (const [last, why] of [
    ['0c', 'the client gave up'],
    ['10', 'state 16 is out of turn'],
    ['63', 'state 99 is out of turn'],
  ] as const) {
    it(`ends a test: ${why}`, () => {
      const { world, wait, open, control, data } = running({ reverse: true, bandwidth: 8000 }, 1, FAST);
      control.send(last);
      wait();
      expect([control.ended, data[0]?.ended]).toEqual(['end of file', 'end of file']);
      expect(world.told('server').at(-1)).toBe(`iperf3: ${why}`);
      const next = open().send(OTHER);
      wait();
      expect(next.answer).toBe('09');
    });
  }

  it('standard values where a client does not say', () => {
    const read = (value: unknown) => readParameters(new TextEncoder().encode(JSON.stringify(value)));
    expect(read({ tcp: true })).toEqual({
      streams: 1,
      direction: 'forward',
      blockBytes: 131_072,
      bitsPerSecond: 0,
      omitSeconds: 0,
    });
    expect([0, 1, 2, 3].map(streamId)).toEqual([1, 3, 4, 5]);
  });
});
