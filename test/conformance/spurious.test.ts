import { describe, expect, it } from 'vitest';
import { type Script, script } from './script.ts';

describe('spurious timeouts: F-RTO with SACK (RFC 5682 section 3.1)', () => {
  const FORWARD = { sack: true, forwardRto: true, keepsSackAfterTimeout: true, delayedAck: false };

  /** Ten segments of 1000 octets in flight, so many octets more to send, and a timeout: the first has gone again. */
  const timedOut = (more = 20_000, profile = {}): Script => {
    const tcp = script({ profile: { ...FORWARD, ...profile } }).connected({ mss: 1000, rttMs: 100, also: ',sackOK' });
    tcp.write(10_000 + more);
    tcp.sent.length = 0;
    tcp.wait(1000);
    tcp.sends('@1100 . 1:1001(1000) ack 1');
    return tcp;
  };
  const windows = ({ connection: { sender } }: Script) => [
    sender.congestion.cwndBytes,
    sender.congestion.ssthreshBytes,
  ];

  it('3.1 step 2b: the ACK of the retransmission lets two new segments go, and nothing old', () => {
    const tcp = timedOut();
    expect(windows(tcp)).toEqual([1000, 5000]);
    tcp.inject('. 1:1(0) ack 1001');
    tcp.sends('@1100 . 10001:11001(1000) ack 1', '@1100 . 11001:12001(1000) ack 1');
  });

  for (const congestion of ['newreno', 'cubic'] as const) {
    it(`3.1 step 3b: an original is acknowledged: the window is what it was, nothing goes again (${congestion})`, () => {
      const tcp = timedOut(20_000, { congestion });
      tcp.inject('. 1:1(0) ack 1001');
      tcp.sent.length = 0;
      tcp.inject('. 1:1(0) ack 2001');
      expect(windows(tcp)).toEqual([11_000, Number.MAX_SAFE_INTEGER]);
      expect(tcp.connection.sender.sack?.phase).toBe('open');
      tcp.sends('@1100 . 12001:13001(1000) ack 1');
      for (const ack of [3001, 4001]) tcp.inject(`. 1:1(0) ack ${ack}`);
      expect(tcp.sent.map(({ text }) => text.split(':')[0])).toEqual(['. 13001', '. 14001', '. 15001', '. 16001']);
    });
  }

  it('3.1 step 3b: so it is when an original is SACKed', () => {
    const tcp = timedOut();
    tcp.inject('. 1:1(0) ack 1001');
    tcp.inject('. 1:1(0) ack 1001 <sack 5001:6001>');
    expect(windows(tcp)).toEqual([10_000, Number.MAX_SAFE_INTEGER]);
    expect(tcp.connection.sender.sack?.board.lostBytes).toBe(0);
  });

  it('3.1 step 3a: what left after the timeout arrives first: the rest is lost, and goes again', () => {
    const tcp = timedOut();
    tcp.inject('. 1:1(0) ack 1001');
    tcp.sent.length = 0;
    tcp.inject('. 1:1(0) ack 1001 <sack 10001:11001>');
    expect(windows(tcp)[0]).toBeLessThanOrEqual(3000);
    expect(tcp.sent[0]?.text).toBe('. 1001:2001(1000) ack 1');
    expect(tcp.connection.sender.sack?.phase).toBe('loss');
  });

  it('3.1 step 3: an ACK that tells of nothing new decides nothing', () => {
    const tcp = timedOut();
    tcp.inject('. 1:1(0) ack 1001');
    tcp.sent.length = 0;
    tcp.inject('. 1:1(0) ack 1001 <sack 1:1001>');
    tcp.sendsNothing();
    tcp.inject('. 1:1(0) ack 2001');
    expect(windows(tcp)).toEqual([11_000, Number.MAX_SAFE_INTEGER]);
  });

  it('3.1 step 2: SACKs that come before it change nothing yet', () => {
    const tcp = timedOut();
    tcp.inject('. 1:1(0) ack 1 <sack 4001:5001>');
    expect(tcp.connection.sender.sack?.phase).toBe('loss');
    expect(windows(tcp)[1]).toBe(5000);
    tcp.sent.length = 0;
    tcp.inject('. 1:1(0) ack 1001 <sack 4001:5001>');
    expect(tcp.sent[0]?.text).toBe('. 10001:11001(1000) ack 1');
  });

  it('3.1 step 2a: everything is acknowledged at once: nothing is told, ssthresh stays', () => {
    const tcp = timedOut();
    tcp.inject('. 1:1(0) ack 10001');
    expect(windows(tcp)).toEqual([2000, 5000]);
    expect(tcp.connection.sender.sack?.phase).toBe('open');
  });

  it('3.1 step 2b: where nothing new can be sent the old goes again', () => {
    const tcp = timedOut(0);
    tcp.inject('. 1:1(0) ack 1001');
    tcp.sends('@1100 . 1001:2001(1000) ack 1', '@1100 . 2001:3001(1000) ack 1');
  });

  it('3.1 step 1: a timeout within the recovery from another proves nothing', () => {
    const tcp = timedOut();
    tcp.wait(2000);
    tcp.sends('@3100 . 1:1001(1000) ack 1');
    tcp.inject('. 1:1(0) ack 1001');
    tcp.sends('@3100 . 1001:2001(1000) ack 1', '@3100 . 2001:3001(1000) ack 1');
  });

  it('3.1: a timeout that comes while new octets are out ends the waiting', () => {
    const tcp = timedOut();
    tcp.inject('. 1:1(0) ack 1001');
    tcp.sent.length = 0;
    tcp.wait(2000);
    expect(tcp.sent[0]?.text).toBe('. 1001:2001(1000) ack 1');
    tcp.inject('. 1:1(0) ack 2001');
    expect(windows(tcp)[1]).toBeLessThan(Number.MAX_SAFE_INTEGER);
    expect(tcp.sent.at(-1)?.text).toBe('. 3001:4001(1000) ack 1');
  });

  it('without it the old goes again at once', () => {
    const tcp = timedOut(20_000, { forwardRto: false });
    tcp.inject('. 1:1(0) ack 1001');
    tcp.sends('@1100 . 1001:2001(1000) ack 1', '@1100 . 2001:3001(1000) ack 1');
  });
});
