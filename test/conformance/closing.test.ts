import { describe, expect, it } from 'vitest';
import { LINUX_PROFILE, RFC_PROFILE, type TcpProfile } from '../../src/layers/4-transport/tcp/profile.ts';
import { script } from './script.ts';

const MINUTE = 60_000;

describe('closing (RFC 9293 section 3.6)', () => {
  it('normal close, the active side: figure 12', () => {
    const tcp = script().connected();
    tcp.stream?.end();
    tcp.sends('F. 1:1(0) ack 1');
    expect(tcp.state).toBe('FIN-WAIT-1');
    tcp.inject('. 1:1(0) ack 2');
    expect(tcp.state).toBe('FIN-WAIT-2');
    tcp.inject('F. 1:1(0) ack 2');
    tcp.sends('. 2:2(0) ack 2');
    expect([tcp.state, tcp.heard]).toEqual(['TIME-WAIT', ['open', 'end', 'close finished']]);
    tcp.wait(4 * MINUTE - 1);
    expect(tcp.state).toBe('TIME-WAIT');
    tcp.wait(1);
    expect(tcp.state).toBe('CLOSED');
  });

  it('normal close, the passive side: figure 12', () => {
    const tcp = script().accepted();
    tcp.inject('F. 1:1(0) ack 1');
    tcp.sends('. 1:1(0) ack 2');
    expect([tcp.state, tcp.heard]).toEqual(['CLOSE-WAIT', ['accept', 'end']]);
    tcp.stream?.end();
    tcp.sends('F. 1:1(0) ack 2');
    expect(tcp.state).toBe('LAST-ACK');
    tcp.inject('. 2:2(0) ack 2');
    expect([tcp.state, tcp.heard.at(-1)]).toEqual(['CLOSED', 'close finished']);
  });

  it('three segments when the FIN rides on the ACK', () => {
    const tcp = script().connected();
    tcp.stream?.end();
    tcp.inject('F. 1:1(0) ack 2');
    expect(tcp.state).toBe('TIME-WAIT');
  });

  it('simultaneous close: figure 13, both go through CLOSING', () => {
    const tcp = script().connected();
    tcp.stream?.end();
    tcp.inject('F. 1:1(0) ack 1');
    expect(tcp.state).toBe('CLOSING');
    tcp.inject('. 2:2(0) ack 2');
    expect(tcp.state).toBe('TIME-WAIT');
  });

  it('half close: after its FIN the other side may send for ever (3.6.1)', () => {
    const tcp = script().accepted();
    tcp.inject('F. 1:1(0) ack 1');
    tcp.sent.length = 0;
    tcp.write(9);
    tcp.sends('P. 1:10(9) ack 2');
    const other = script().connected();
    other.stream?.end();
    other.inject('. 1:1(0) ack 2');
    other.inject('P. 1:11(10) ack 2');
    expect(other.receivedBytes).toBe(10);
    other.wait(200);
    expect(other.sent.at(-1)?.text).toBe('. 2:2(0) ack 11');
  });

  it('TIME-WAIT: a FIN that comes again is acknowledged and starts 2 MSL anew', () => {
    const tcp = script().connected();
    tcp.stream?.end();
    tcp.inject('F. 1:1(0) ack 2');
    tcp.wait(3 * MINUTE);
    tcp.sent.length = 0;
    tcp.inject('F. 1:1(0) ack 2');
    tcp.sends('. 2:2(0) ack 2');
    tcp.wait(3 * MINUTE);
    expect(tcp.state).toBe('TIME-WAIT');
    tcp.wait(MINUTE);
    expect(tcp.state).toBe('CLOSED');
  });

  it('TIME-WAIT: a RST is ignored (RFC 1337); linux honours it', () => {
    for (const [profile, state] of [
      [{}, 'TIME-WAIT'],
      [LINUX_PROFILE, 'CLOSED'],
    ] as const) {
      const tcp = script({ profile }).connected();
      tcp.stream?.end();
      tcp.inject('F. 1:1(0) ack 2');
      tcp.inject('R 2:2(0)');
      expect(tcp.state).toBe(state);
    }
  });

  it('TIME-WAIT: a SYN above the last number opens a new connection, a lower one gets an ACK (RFC 1122 4.2.2.13)', () => {
    const make = () => {
      const tcp = script().accepted();
      tcp.stream?.end();
      tcp.inject('. 1:1(0) ack 2');
      tcp.inject('F. 1:1(0) ack 2');
      expect(tcp.state).toBe('TIME-WAIT');
      tcp.sent.length = 0;
      return tcp;
    };
    const lower = make();
    lower.inject('S -500:-500(0) win 65535');
    lower.sends('. 2:2(0) ack 2');
    const higher = make();
    higher.inject('S 100000:100000(0) win 65535');
    expect(higher.sent[0]?.text).toMatch(/^S\. .* ack 100001$/);
  });

  it('TIME-WAIT: of two SYNs with timestamps the newer one opens, whatever its number (RFC 6191 section 2)', () => {
    const reopened = (syn: string, listens = true) => {
      const tcp = script({ profile: { timestamps: true } });
      const listener = tcp.listen();
      tcp.inject('S 0:0(0) win 65535 <mss 1460,TS 500 0>');
      tcp.inject('. 1:1(0) ack 1 <TS 501 0>');
      tcp.stream?.end();
      tcp.inject('F. 1:1(0) ack 2 <TS 502 0>');
      expect(tcp.state).toBe('TIME-WAIT');
      if (!listens) listener.close();
      tcp.sent.length = 0;
      tcp.inject(syn);
      return tcp.sent[0]?.text.slice(0, 2);
    };
    expect(reopened('S -500:-500(0) win 65535 <mss 1460,TS 503 0>')).toBe('S.');
    expect(reopened('S 100000:100000(0) win 65535 <mss 1460,TS 501 0>')).toBe('. ');
    // The same timestamp says nothing: the number decides, as it does where there is none.
    expect(reopened('S 100000:100000(0) win 65535 <mss 1460,TS 502 0>')).toBe('S.');
    expect(reopened('S -500:-500(0) win 65535 <mss 1460,TS 502 0>')).toBe('. ');
    expect(reopened('S 100000:100000(0) win 65535 <mss 1460>')).toBe('S.');
    // Nobody listens any more: what is left of the old connection answers.
    expect(reopened('S 100000:100000(0) win 65535 <mss 1460,TS 503 0>', false)).toBe('. ');
  });

  it('CLOSE-WAIT: text behind the FIN is ignored, and acknowledged no further (3.10.7.4, seventh)', () => {
    const tcp = script().accepted();
    tcp.inject('F. 1:1(0) ack 1');
    tcp.sent.length = 0;
    tcp.inject('. 2:12(10) ack 1');
    tcp.wait(1000);
    expect([tcp.state, tcp.receivedBytes, tcp.drops]).toEqual(['CLOSE-WAIT', 0, ['closed']]);
    tcp.write(9);
    tcp.sends('P. 1:10(9) ack 2');
  });

  it('after its FIN, and after the end, a user writes, ends and aborts in vain (3.10.2, 3.10.4, 3.10.5)', () => {
    const tcp = script().accepted();
    tcp.stream?.end();
    tcp.sends('F. 1:1(0) ack 1');
    tcp.stream?.end();
    expect(tcp.write(10)).toBe(0);
    tcp.sendsNothing();
    tcp.inject('R. 1:1(0) ack 2');
    expect([tcp.state, tcp.heard.at(-1)]).toEqual(['CLOSED', 'close reset']);
    const heard = tcp.heard.length;
    tcp.connection.setNoDelay();
    tcp.stream?.end();
    tcp.stream?.close();
    tcp.stream?.abort();
    expect([tcp.write(10), tcp.connection.skip(), tcp.heard.length]).toEqual([0, 0, heard]);
    tcp.sendsNothing();
  });

  it('a lost FIN goes again by the RTO', () => {
    const tcp = script().connected({ rttMs: 100 });
    tcp.stream?.end();
    tcp.wait(3000);
    tcp.sends('@100 F. 1:1(0) ack 1', '@1100 F. 1:1(0) ack 1', '@3100 F. 1:1(0) ack 1');
  });

  it('FIN out of order is held until the gap fills; octets behind it are not taken', () => {
    const tcp = script().accepted();
    tcp.inject('FP. 11:21(10) ack 1');
    tcp.sends('. 1:1(0) ack 1');
    expect(tcp.state).toBe('ESTABLISHED');
    tcp.inject('. 21:31(10) ack 1');
    tcp.sent.length = 0;
    tcp.inject('. 1:11(10) ack 1');
    tcp.sends('. 1:1(0) ack 22');
    expect([tcp.state, tcp.receivedBytes]).toEqual(['CLOSE-WAIT', 20]);
  });

  it('close with unread data => RST and not FIN (SHLD-3)', () => {
    const tcp = script().accepted();
    tcp.reads = false;
    tcp.inject('P. 1:11(10) ack 1');
    tcp.stream?.close();
    tcp.sends('R. 1:1(0) ack 11');
    expect([tcp.state, tcp.heard.at(-1)]).toEqual(['CLOSED', 'close aborted']);
  });

  it('data after a full close => RST', () => {
    const tcp = script().accepted();
    tcp.stream?.close();
    tcp.sends('F. 1:1(0) ack 1');
    tcp.inject('P. 1:11(10) ack 2');
    tcp.sends('R. 2:2(0) ack 1');
    expect(tcp.state).toBe('CLOSED');
  });

  it('abort => RST at SND.NXT, queues flushed, no TIME-WAIT (3.10.5)', () => {
    const tcp = script().connected({ win: 1000 });
    tcp.write(5000);
    tcp.sent.length = 0;
    tcp.stream?.abort();
    tcp.sends('R. 1001:1001(0) ack 1');
    expect([tcp.state, tcp.tcp.connections.length]).toEqual(['CLOSED', 0]);
    tcp.wait(10 * MINUTE);
    tcp.sendsNothing();
  });

  it('abort: what was not acknowledged ends in the journal, with the reason', () => {
    const told = (octets: number) => {
      const tcp = script().connected();
      tcp.write(octets);
      tcp.stream?.abort();
      return tcp.journal.entries.flatMap(({ event }) => (event.kind === 'dropped' ? [event.detail] : []));
    };
    expect(told(1)).toEqual(['the user aborted, and 1 octet was not acknowledged yet']);
    expect(told(2000)).toEqual(['the user aborted, and 2000 octets were not acknowledged yet']);
  });

  it('the user can tell end of file from reset (MUST-12)', () => {
    const ended = script().accepted();
    ended.inject('F. 1:1(0) ack 1');
    const reset = script().accepted();
    reset.inject('R. 1:1(0) ack 1');
    expect([ended.heard.at(-1), reset.heard.at(-1)]).toEqual(['end', 'close reset']);
  });

  it('data and FIN that were written before the connection was up leave when it is', () => {
    const tcp = script();
    tcp.connect();
    tcp.write('hello');
    tcp.stream?.end();
    tcp.sent.length = 0;
    tcp.inject('S. 0:0(0) ack 1 win 65535 <mss 1460>');
    tcp.sends('. 1:1(0) ack 1', 'FP. 1:6(5) ack 1');
    expect(tcp.state).toBe('FIN-WAIT-1');
  });

  it('FIN waits behind data that the window holds back', () => {
    const tcp = script().connected({ win: 1000 });
    tcp.write(1500);
    tcp.stream?.end();
    tcp.sends('. 1:1001(1000) ack 1');
    expect(tcp.state).toBe('ESTABLISHED');
    tcp.inject('. 1:1(0) ack 1001 win 1000');
    tcp.sends('FP. 1001:1501(500) ack 1');
    tcp.inject('. 1:1(0) ack 1502 win 1000');
    expect(tcp.state).toBe('FIN-WAIT-2');
  });

  it('a segment for a connection that is gone gets a RST', () => {
    const tcp = script().accepted();
    tcp.stream?.abort();
    tcp.sent.length = 0;
    tcp.ownPort = 80;
    tcp.inject('P. 1:11(10) ack 1');
    tcp.sends('R 1:1(0)');
  });

  it('FIN-WAIT-2 that nobody waits for: 60 s in the linux profile (RFC 1122 4.2.2.13), for ever in the rfc profile', () => {
    const closed = (profile: TcpProfile) => {
      const tcp = script({ profile }).accepted();
      tcp.stream?.close();
      tcp.wait(10);
      tcp.inject('. 1:1(0) ack 2');
      expect(tcp.state).toBe('FIN-WAIT-2');
      return tcp;
    };
    const linux = closed(LINUX_PROFILE);
    linux.wait(59_999);
    expect(linux.state).toBe('FIN-WAIT-2');
    linux.sent.length = 0;
    linux.wait(1);
    expect([linux.state, linux.heard.at(-1)]).toEqual(['CLOSED', 'close timed-out']);
    linux.inject('. 1:1(0) ack 2');
    linux.sends('R 2:2(0)');
    const rfc = closed(RFC_PROFILE);
    rfc.wait(3_600_000);
    expect(rfc.state).toBe('FIN-WAIT-2');
  });

  it('FIN-WAIT-2 of a half-closed connection lasts as long as the peer likes (3.6.1), and its end is timed from close', () => {
    const tcp = script({ profile: LINUX_PROFILE }).accepted();
    tcp.stream?.end();
    tcp.inject('. 1:1(0) ack 2');
    tcp.wait(600_000);
    tcp.inject('. 1:101(100) ack 2');
    expect([tcp.state, tcp.receivedBytes]).toEqual(['FIN-WAIT-2', 100]);
    tcp.stream?.close();
    tcp.wait(30_000);
    tcp.inject('F. 101:101(0) ack 2');
    expect(tcp.state).toBe('TIME-WAIT');
    // 60 s of TIME-WAIT: the 30 s that were left do not count.
    tcp.wait(59_999);
    expect(tcp.state).toBe('TIME-WAIT');
  });
});
