import { describe, expect, it } from 'vitest';
import { isAcceptable } from '../../src/layers/4-transport/tcp/sequence.ts';
import { script } from './script.ts';

describe('segment acceptance (RFC 9293 section 3.10.7.4)', () => {
  it('table 6 as a pure function', () => {
    const rows: [sequence: number, length: number, wnd: number, acceptable: boolean][] = [
      [100, 0, 0, true],
      [99, 0, 0, false],
      [101, 0, 0, false],
      [100, 0, 10, true],
      [109, 0, 10, true],
      [110, 0, 10, false],
      [99, 0, 10, false],
      [100, 1, 0, false],
      [100, 10, 10, true],
      [95, 5, 10, false],
      [95, 6, 10, true],
      [109, 5, 10, true],
      [110, 5, 10, false],
      [90, 40, 10, false],
    ];
    for (const [sequence, length, wnd, acceptable] of rows) {
      expect([sequence, length, wnd, isAcceptable(sequence, length, 100, wnd)]).toEqual([
        sequence,
        length,
        wnd,
        acceptable,
      ]);
    }
  });

  it('table 6 in a window that wraps over 2^32', () => {
    expect(isAcceptable(2, 1, 0xfffffffe, 10)).toBe(true);
    expect(isAcceptable(8, 1, 0xfffffffe, 10)).toBe(false);
    expect(isAcceptable(0xfffffffd, 1, 0xfffffffe, 10)).toBe(false);
  });

  it('unacceptable => exactly one ACK <SND.NXT, RCV.NXT>, dropped', () => {
    const tcp = script().accepted();
    tcp.inject('P. 1000001:1000011(10) ack 1');
    tcp.sends('. 1:1(0) ack 1');
    tcp.inject('. 0:0(0) ack 1');
    tcp.sends('. 1:1(0) ack 1');
    expect(tcp.received).toEqual([]);
  });

  it('after a timeout too the ACK stands at SND.MAX: two ends that went back would else answer each other for ever', () => {
    const tcp = script().connected();
    tcp.inject('P. 1:11(10) ack 1');
    tcp.write(3000);
    tcp.wait(1000);
    tcp.sent.length = 0;
    tcp.inject('P. 1:11(10) ack 1');
    expect(tcp.sent.map(({ text }) => text)).toEqual(['. 2921:2921(0) ack 11']);
  });

  it('data partly before the window: the new part is taken', () => {
    const tcp = script().accepted();
    tcp.inject('P. 1:11(10) ack 1');
    tcp.inject('P. 6:21(15) ack 1');
    expect(tcp.receivedBytes).toBe(20);
    expect([...(tcp.received[1] as Uint8Array)]).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
  });

  it('data partly behind the window: the tail goes, and its FIN with it', () => {
    const tcp = script({ profile: { receiveBufferBytes: 100 } }).accepted();
    tcp.inject('FP. 1:151(150) ack 1');
    expect([tcp.receivedBytes, tcp.state]).toEqual([100, 'ESTABLISHED']);
  });

  it('no ACK flag => dropped silently', () => {
    const tcp = script().accepted();
    tcp.inject('- 1:11(10)');
    tcp.sendsNothing();
    expect([tcp.receivedBytes, tcp.drops]).toEqual([0, ['not-acceptable']]);
  });

  it('RST out of the window => nothing; in it, not exact => challenge ACK; exact => reset (RFC 5961 3.2)', () => {
    const tcp = script().accepted();
    tcp.inject('R 100001:100001(0)');
    tcp.sendsNothing();
    tcp.inject('R 11:11(0)');
    tcp.sends('. 1:1(0) ack 1');
    expect(tcp.state).toBe('ESTABLISHED');
    tcp.inject('R 1:1(0)');
    tcp.sendsNothing();
    expect([tcp.state, tcp.heard.at(-1)]).toEqual(['CLOSED', 'close reset']);
  });

  it('SYN in a synchronized state, any number => challenge ACK, dropped (RFC 5961 4.2)', () => {
    const tcp = script().accepted();
    for (const sequence of [0, 1, 500, 1_000_000]) {
      tcp.inject(`S ${sequence}:${sequence}(0)`);
      tcp.sends('. 1:1(0) ack 1');
    }
    expect(tcp.state).toBe('ESTABLISHED');
  });

  it('ACK of data never sent => ACK, dropped, its data not accepted', () => {
    const tcp = script().accepted();
    tcp.inject('P. 1:11(10) ack 1001');
    tcp.sends('. 1:1(0) ack 1');
    expect(tcp.receivedBytes).toBe(0);
  });

  it('ACK older than SND.UNA - MAX.SND.WND => ACK, dropped (RFC 5961 5.2)', () => {
    const tcp = script().connected({ win: 1000 });
    tcp.write(1000);
    tcp.inject('. 1:1(0) ack 1001 win 1000');
    tcp.sent.length = 0;
    tcp.inject('P. 1:11(10) ack 0 win 1000');
    tcp.sends('. 1001:1001(0) ack 1');
    expect(tcp.receivedBytes).toBe(0);
    tcp.inject('P. 1:11(10) ack 1 win 1000');
    expect(tcp.receivedBytes).toBe(10);
  });

  it('an old reordered ACK never shrinks the window (SND.WL1, SND.WL2)', () => {
    const tcp = script().connected({ win: 5000 });
    tcp.write(2000);
    tcp.inject('P. 1:11(10) ack 1461 win 4000');
    expect(tcp.connection.sender.sndWnd).toBe(4000);
    tcp.inject('. 1:1(0) ack 1 win 100');
    expect(tcp.connection.sender.sndWnd).toBe(4000);
  });

  it('an ACK of new octets under an old SEQ moves SND.UNA and not the right edge of the window (SND.WL1)', () => {
    const tcp = script().connected({ win: 5000 });
    tcp.write(2000);
    tcp.inject('P. 11:21(10) ack 1 win 3000');
    expect(tcp.connection.sender.sndWnd).toBe(3000);
    tcp.inject('P. 1:11(10) ack 1461 win 100');
    expect(tcp.connection.sender.sndWnd).toBe(1540);
    tcp.inject('. 21:21(0) ack 1461 win 4000');
    expect(tcp.connection.sender.sndWnd).toBe(4000);
  });

  it('bad checksum => silent discard (MUST-2, MUST-3)', () => {
    const tcp = script().accepted();
    tcp.inject('P. 1:11(10) ack 1', { breakChecksum: true });
    tcp.sendsNothing();
    expect([tcp.receivedBytes, tcp.drops]).toEqual([0, ['checksum']]);
  });

  it('out of order: held, acknowledged at once, delivered in order when the gap fills (RFC 5681 4.2)', () => {
    const tcp = script().accepted();
    tcp.inject('. 11:21(10) ack 1');
    tcp.sends('@0 . 1:1(0) ack 1');
    tcp.inject('. 31:41(10) ack 1');
    tcp.sends('@0 . 1:1(0) ack 1');
    tcp.inject('. 1:11(10) ack 1');
    tcp.sends('@0 . 1:1(0) ack 21');
    tcp.inject('. 21:31(10) ack 1');
    tcp.sends('@0 . 1:1(0) ack 41');
    expect(tcp.received.flatMap((bytes) => [...bytes])).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  });

  it('overlapping pieces ahead of a gap are put together', () => {
    const tcp = script().accepted();
    tcp.inject('. 21:41(20) ack 1');
    tcp.inject('. 11:31(20) ack 1');
    tcp.inject('. 15:60(45) ack 1');
    tcp.inject('. 1:12(11) ack 1');
    expect(tcp.received.flatMap((bytes) => [...bytes])).toEqual(Array.from({ length: 59 }, (_, index) => index + 1));
  });

  it('sequence numbers wrap: the same trace from 0xFFFFFF00', () => {
    const tcp = script({ peerIss: 0xffffff00 }).accepted();
    tcp.inject('. 1:1001(1000) ack 1');
    tcp.inject('. 1001:2001(1000) ack 1');
    tcp.sends('. 1:1(0) ack 2001');
    expect(tcp.receivedBytes).toBe(2000);
  });

  it('ICMP: soft errors do not end a connection (MUST-56), port unreachable ends an attempt (SHLD-26)', () => {
    const tcp = script().connected();
    tcp.write(10);
    for (const code of [0, 1, 5]) tcp.icmp({ code, sequence: 1 });
    tcp.icmp({ kind: 'time-exceeded', sequence: 1 });
    expect(tcp.state).toBe('ESTABLISHED');
    const opening = script();
    opening.connect();
    opening.icmp({ code: 1, sequence: 0 });
    expect(opening.state).toBe('SYN-SENT');
    opening.icmp({ code: 3, sequence: 0 });
    expect([opening.state, opening.heard]).toEqual(['CLOSED', ['close refused']]);
  });

  it('ICMP about what is not in flight is ignored (RFC 5927 4.1)', () => {
    const tcp = script();
    tcp.connect();
    tcp.icmp({ code: 3, sequence: 5000 });
    expect(tcp.state).toBe('SYN-SENT');
  });
});
