import { describe, expect, it } from 'vitest';
import { LINUX_PROFILE } from '../../src/layers/4-transport/tcp/profile.ts';
import { type Script, script } from './script.ts';

const ASK = { ecn: 'ask' } as const;
const CE = 3;

/** Both sides agreed; ten segments of 1000 octets in flight. */
function marked(profile = {}): Script {
  const tcp = script({ profile: { ...ASK, ...profile } });
  tcp.connect();
  tcp.wait(100);
  tcp.inject('SE. 0:0(0) ack 1 <mss 1000>');
  tcp.sent.length = 0;
  tcp.write(30_000);
  return tcp;
}

describe('explicit congestion notification (RFC 3168)', () => {
  it('6.1.1: a SYN asks by ECE and CWR, a SYN-ACK agrees by ECE', () => {
    const tcp = script({ profile: ASK });
    tcp.connect();
    tcp.sends('@0 SWE 0:0(0)');
    const server = script({ profile: LINUX_PROFILE });
    server.listen();
    server.inject('SWE 0:0(0) <mss 1460>');
    server.sends('@0 SE. 0:0(0) ack 1');
  });

  it('6.1.1: a peer that only echoes both bits has not understood: not agreed', () => {
    const tcp = script({ profile: ASK });
    tcp.connect();
    tcp.inject('SWE. 0:0(0) ack 1 <mss 1000>');
    tcp.write(10);
    expect(tcp.sent.at(-1)?.ecn).toBe(0);
  });

  it('the rfc profile neither asks nor answers; Linux answers and does not ask (tcp_ecn 2)', () => {
    const tcp = script();
    tcp.listen();
    tcp.inject('SWE 0:0(0) <mss 1460>');
    tcp.sends('@0 S. 0:0(0) ack 1');
    const linux = script({ profile: LINUX_PROFILE });
    linux.connect();
    linux.sends('@0 S 0:0(0)');
  });

  it('6.1.1.1: a SYN that was lost goes again without', () => {
    const tcp = script({ profile: ASK });
    tcp.connect();
    tcp.wait(1000);
    tcp.sends('@0 SWE 0:0(0)', '@1000 S 0:0(0)');
  });

  it('6.1.1, 6.1.4, 6.1.5: ECT(0) on new data; not on SYN, pure ACK or retransmission', () => {
    const tcp = marked();
    expect(tcp.sent.map(({ ecn }) => ecn)).toEqual(Array(10).fill(2));
    tcp.sent.length = 0;
    tcp.wait(1000);
    expect(tcp.sent.map(({ text, ecn }) => [text, ecn])).toEqual([['. 1:1001(1000) ack 1', 0]]);
    tcp.sent.length = 0;
    tcp.inject('. 1:1461(1460) ack 1');
    tcp.inject('. 1461:2921(1460) ack 1');
    expect(tcp.sent.map(({ ecn }) => ecn)).toEqual([0]);
  });

  it('6.1.6: a probe of a closed window is not ECN-capable', () => {
    const tcp = script({ profile: ASK });
    tcp.connect();
    tcp.inject('SE. 0:0(0) ack 1 win 0 <mss 1000>');
    tcp.sent.length = 0;
    tcp.write(100);
    tcp.wait(1000);
    expect(tcp.sent.map(({ text, ecn }) => [text, ecn])).toEqual([['. 1:2(1) ack 1', 0]]);
  });

  it('6.1.2: ECE halves the window, once in a round trip, and nothing is sent again', () => {
    const tcp = marked();
    tcp.sent.length = 0;
    tcp.inject('E. 1:1(0) ack 1001');
    const { congestion } = tcp.connection.sender;
    // Nine segments are in flight after the ACK.
    expect([congestion.cwndBytes, congestion.ssthreshBytes, congestion.inRecovery]).toEqual([4500, 4500, false]);
    for (const ack of [2001, 3001, 4001]) tcp.inject(`E. 1:1(0) ack ${ack}`);
    expect(congestion.ssthreshBytes).toBe(4500);
    expect(tcp.sent.filter(({ text }) => /^\S+ [1-9]001:/.test(text))).toEqual([]);
  });

  it('6.1.2: the first new segment after it carries CWR, the next does not', () => {
    const tcp = marked();
    tcp.sent.length = 0;
    tcp.inject('E. 1:1(0) ack 1001');
    tcp.inject('. 1:1(0) ack 8001');
    expect(tcp.sent.slice(0, 2).map(({ text }) => text)).toEqual([
      'W. 10001:11001(1000) ack 1',
      '. 11001:12001(1000) ack 1',
    ]);
  });

  it('6.1.2: what was sent after the reduction and is marked reduces again', () => {
    const tcp = marked();
    tcp.inject('E. 1:1(0) ack 1001');
    tcp.inject('. 1:1(0) ack 10001');
    const { congestion } = tcp.connection.sender;
    const before = congestion.ssthreshBytes;
    tcp.inject('E. 1:1(0) ack 11001');
    expect(congestion.ssthreshBytes).toBeLessThan(before);
  });

  it('6.1.3: a mark is echoed on every ACK until CWR arrives', () => {
    const tcp = script({ profile: LINUX_PROFILE });
    tcp.listen();
    tcp.inject('SWE 0:0(0) <mss 1460>');
    tcp.inject('. 1:1(0) ack 1');
    tcp.sent.length = 0;
    tcp.inject('. 1:101(100) ack 1', { ecn: 2 });
    tcp.inject('. 101:201(100) ack 1', { ecn: CE });
    tcp.inject('. 201:301(100) ack 1', { ecn: 2 });
    tcp.inject('W. 301:401(100) ack 1', { ecn: 2 });
    tcp.inject('W. 401:501(100) ack 1', { ecn: CE });
    tcp.sends('. 1:1(0) ack 101', 'E. 1:1(0) ack 201', 'E. 1:1(0) ack 301', '. 1:1(0) ack 401', 'E. 1:1(0) ack 501');
  });

  it('a loss reduces the window too, and says so by CWR', () => {
    const tcp = marked();
    tcp.sent.length = 0;
    for (let each = 0; each < 3; each++) tcp.inject('. 1:1(0) ack 1');
    tcp.inject('. 1:1(0) ack 12001');
    const fresh = tcp.sent.find(({ text }) => /12001:/.test(text));
    expect(fresh?.text).toBe('W. 12001:13001(1000) ack 1');
  });

  it('where it is not agreed on, ECE and marks mean nothing', () => {
    const tcp = script().connected({ mss: 1000, rttMs: 100 });
    tcp.write(30_000);
    tcp.inject('E. 1:1(0) ack 1001');
    expect(tcp.connection.sender.congestion.ssthreshBytes).toBe(Number.MAX_SAFE_INTEGER);
    tcp.sent.length = 0;
    tcp.inject('. 1:1461(1460) ack 1001', { ecn: CE });
    tcp.inject('. 1461:2921(1460) ack 1001', { ecn: CE });
    expect(tcp.sent.at(-1)?.text).toBe('. 12001:12001(0) ack 2921');
  });
});
