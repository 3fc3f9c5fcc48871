import { describe, expect, it } from 'vitest';
import { script } from './script.ts';

const TS = { timestamps: true };
const SCALE = { windowScale: true, receiveBufferBytes: 1_000_000, sendBufferBytes: 1_000_000 };

describe('what SYNs offer and agree on (RFC 7323 sections 2.2 and 3.2, RFC 2018 section 2)', () => {
  it('the rfc profile offers its MSS and nothing else', () => {
    const tcp = script();
    tcp.connect();
    tcp.sends('@0 S 0:0(0) win 65535 <mss 1460>');
  });

  it('with all on: MSS, SACK permitted, timestamps, window scale; the window is not scaled', () => {
    const tcp = script({ profile: { ...TS, ...SCALE, sack: true } });
    tcp.connect();
    tcp.sends('@0 S 0:0(0) win 65535 <mss 1460,sackOK,TS 0 0,wscale 4>');
  });

  it('a SYN-ACK agrees only to what the SYN offered', () => {
    const tcp = script({ profile: { ...TS, ...SCALE, sack: true } });
    tcp.listen();
    tcp.inject('S 0:0(0) win 65535 <mss 1460,sackOK>');
    tcp.sends('@0 S. 0:0(0) ack 1 win 65535 <mss 1460,sackOK>');
  });

  it('a host that does not know an option does not agree to it', () => {
    const tcp = script();
    tcp.listen();
    tcp.inject('S 0:0(0) win 65535 <mss 1460,sackOK,TS 7 0,wscale 7>');
    tcp.sends('@0 S. 0:0(0) ack 1 win 65535 <mss 1460>');
    tcp.inject('. 1:1(0) ack 1 win 10');
    expect(tcp.connection.sender.sndWnd).toBe(10);
  });

  it('a SYN sent again carries the timestamp of now', () => {
    const tcp = script({ profile: TS });
    tcp.connect();
    tcp.wait(1000);
    tcp.sends('@0 S 0:0(0) <mss 1460,TS 0 0>', '@1000 S 0:0(0) <mss 1460,TS 1000 0>');
  });
});

describe('window scale (RFC 7323 section 2)', () => {
  it('2.2: a window is scaled after both SYNs carried the option, and not in the SYN-ACK', () => {
    const tcp = script({ profile: SCALE });
    tcp.connected({ win: 1000, also: ',wscale 3' });
    expect(tcp.connection.sender.sndWnd).toBe(1000);
    tcp.inject('. 1:1(0) ack 1 win 1000');
    expect(tcp.connection.sender.sndWnd).toBe(8000);
  });

  it('2.2: our window counts units of our own shift', () => {
    const tcp = script({ profile: SCALE });
    tcp.accepted({ also: ',wscale 0' });
    tcp.inject('P. 1:101(100) ack 1');
    tcp.wait(200);
    // 1,000,000 octets of buffer, read at once: 62,500 units of 16.
    tcp.sends('@200 . 1:1(0) ack 101 win 62500');
  });

  it('2.2: without the option in both SYNs nothing is scaled', () => {
    const tcp = script({ profile: SCALE });
    tcp.connected({ win: 1000 });
    tcp.inject('. 1:1(0) ack 1 win 1000');
    expect(tcp.connection.sender.sndWnd).toBe(1000);
    tcp.inject('P. 1:101(100) ack 1');
    tcp.wait(200);
    // The edge does not move for 100 octets (RFC 9293 section 3.8.6.2.2).
    tcp.sends('@200 . 1:1(0) ack 101 win 65435');
  });

  it('2.3: a shift above 14 is taken for 14', () => {
    const tcp = script({ profile: SCALE });
    tcp.connected({ also: ',wscale 15' });
    tcp.inject('. 1:1(0) ack 1 win 2');
    expect(tcp.connection.sender.sndWnd).toBe(2 << 14);
  });

  it('2.2: outside of a SYN the option is ignored', () => {
    const tcp = script({ profile: SCALE });
    tcp.connected({ also: ',wscale 3' });
    tcp.inject('. 1:1(0) ack 1 win 1000 <wscale 9>');
    expect(tcp.connection.sender.sndWnd).toBe(8000);
  });

  it('2.4: the right edge does not move left by rounding (9 octets unread, units of 16)', () => {
    const tcp = script({ profile: SCALE });
    tcp.accepted({ also: ',wscale 0' });
    tcp.reads = false;
    let edge = 0;
    for (let first = 1; first < 2000; first += 9) {
      tcp.inject(`P. ${first}:${first + 9}(9) ack 1`);
      tcp.wait(200);
      const [ack] = tcp.sent.splice(0);
      const acknowledged = first + 9;
      const next = acknowledged + 16 * (ack?.win ?? 0);
      expect(next).toBeGreaterThanOrEqual(edge);
      edge = next;
    }
  });

  it('a window of more than 65535 octets can be filled', () => {
    const tcp = script({ profile: SCALE });
    tcp.connected({ also: ',wscale 7', rttMs: 10 });
    tcp.inject('. 1:1(0) ack 1 win 4000');
    tcp.write(500_000);
    const { sender } = tcp.connection;
    for (let acked = 1461; sender.flightBytes < 200_000; acked += 1460) tcp.inject(`. 1:1(0) ack ${acked} win 4000`);
    expect(sender.flightBytes).toBeGreaterThanOrEqual(200_000);
  });
});

describe('timestamps (RFC 7323 sections 3 and 4)', () => {
  it('3.2: every segment carries them; TSecr is what came last in order; data shrinks by 12 octets (RFC 6691)', () => {
    const tcp = script({ profile: TS });
    tcp.connected({ rttMs: 100, also: ',TS 5000 0' });
    tcp.write(3000);
    tcp.sends('@100 . 1:1449(1448) ack 1 <TS 100 5000>', '@100 . 1449:2897(1448) ack 1 <TS 100 5000>');
    tcp.inject('. 1:1(0) ack 2897 <TS 5100 100>');
    tcp.sends('@100 P. 2897:3001(104) ack 1 <TS 100 5100>');
  });

  it('4.3 (A): a delayed ACK echoes the first segment that it is for', () => {
    const tcp = script({ profile: TS });
    tcp.accepted({ also: ',TS 1 0', last: 'TS 1 0' });
    tcp.inject('. 1:101(100) ack 1 <TS 2 0>');
    tcp.inject('. 101:201(100) ack 1 <TS 3 0>');
    tcp.sends('@0 . 1:1(0) ack 201 <TS 0 2>');
  });

  it('4.3 (B): a segment behind a hole does not move TS.Recent', () => {
    const tcp = script({ profile: TS });
    tcp.accepted({ also: ',TS 1 0', last: 'TS 1 0' });
    tcp.inject('. 101:201(100) ack 1 <TS 3 0>');
    tcp.sends('@0 . 1:1(0) ack 1 <TS 0 1>');
  });

  it('4.3 (C): what fills a hole does', () => {
    const tcp = script({ profile: TS });
    tcp.accepted({ also: ',TS 1 0', last: 'TS 1 0' });
    tcp.inject('. 101:201(100) ack 1 <TS 3 0>');
    tcp.sent.length = 0;
    tcp.inject('. 1:101(100) ack 1 <TS 4 0>');
    tcp.sends('@0 . 1:1(0) ack 201 <TS 0 4>');
  });

  it('4.1: the echo tells the round trip of a segment that went twice (RFC 6298 section 3)', () => {
    const tcp = script({ profile: { ...TS, minRtoNs: 1 } });
    tcp.connected({ rttMs: 100, also: ',TS 1 0' });
    tcp.write(100);
    tcp.wait(350);
    tcp.sends('@100 P. 1:101(100) ack 1', '@400 P. 1:101(100) ack 1 <TS 400 1>');
    const { roundTrip } = tcp.connection.sender;
    // Sent again at 400 ms; the ACK of that copy arrives 50 ms later: SRTT = 7/8 * 100 + 1/8 * 50.
    tcp.inject('. 1:1(0) ack 101 <TS 2 400>');
    expect(roundTrip.srttNs).toBe(93_750_000);
    expect(roundTrip.rtoNs).toBe(roundTrip.srttNs + 4 * roundTrip.rttvarNs);
  });
});

describe('PAWS (RFC 7323 section 5)', () => {
  const established = (profile = {}) => {
    const tcp = script({ profile: { ...TS, ...profile } });
    tcp.accepted({ also: ',TS 1000 0', last: 'TS 1000 0' });
    return tcp;
  };

  it('5.3 R1: an older timestamp gets an ACK and nothing of it is taken', () => {
    const tcp = established();
    tcp.inject('P. 1:101(100) ack 1 <TS 999 0>');
    tcp.sends('@0 . 1:1(0) ack 1 <TS 0 1000>');
    expect(tcp.receivedBytes).toBe(0);
    expect(tcp.drops).toEqual(['not-acceptable']);
  });

  it('5.3 R1: a RST is not asked for its timestamp', () => {
    const tcp = established();
    tcp.inject('R. 1:1(0) ack 1 <TS 1 0>');
    expect(tcp.heard.at(-1)).toBe('close reset');
  });

  it('5.3 R3: a segment at the left edge moves TS.Recent', () => {
    const tcp = established();
    tcp.inject('P. 1:101(100) ack 1 <TS 1500 0>');
    tcp.inject('P. 101:201(100) ack 1 <TS 1400 0>');
    tcp.sends('@0 . 1:1(0) ack 101 <TS 0 1500>');
    expect(tcp.receivedBytes).toBe(100);
  });

  it('timestamps wrap: 2^32 - 1 is older than 1', () => {
    const tcp = script({ profile: TS });
    tcp.accepted({ also: ',TS 4294967295 0', last: 'TS 4294967295 0' });
    tcp.inject('P. 1:101(100) ack 1 <TS 1 0>');
    tcp.wait(200);
    tcp.sends('@200 . 1:1(0) ack 101 <TS 200 1>');
  });

  it('5.5: after 24 days of silence TS.Recent proves nothing', () => {
    const tcp = established();
    tcp.wait(25 * 86_400_000);
    tcp.inject('P. 1:101(100) ack 1 <TS 1 0>');
    expect(tcp.receivedBytes).toBe(100);
  });

  it('3.2: a segment without timestamps is dropped without a word; Linux takes it', () => {
    const tcp = established();
    tcp.inject('P. 1:101(100) ack 1');
    tcp.sendsNothing();
    expect(tcp.receivedBytes).toBe(0);
    const linux = established({ requiresTimestamps: false });
    linux.inject('P. 1:101(100) ack 1');
    expect(linux.receivedBytes).toBe(100);
  });
});
