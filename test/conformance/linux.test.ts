/**
 * The `linux` profile asked what Linux 6.18 was asked through a TUN device, in virtual time. The table is printed: what
 * Linux answered, what this stack answers, and why where that is not the same.
 */

import { afterAll, describe, expect, it } from 'vitest';
import { Context } from '../../src/kernel/context.ts';
import { Journal } from '../../src/kernel/journal.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import { Icmp } from '../../src/layers/3-network/icmp/icmp.ts';
import { writeIpv4 } from '../../src/layers/3-network/ipv4/header.ts';
import { Ipv4Machine } from '../../src/layers/3-network/ipv4/ipv4.ts';
import { LINUX_PROFILE } from '../../src/layers/4-transport/tcp/profile.ts';
import { Tcp } from '../../src/layers/4-transport/tcp/tcp.ts';
import { Udp } from '../../src/layers/4-transport/udp/udp.ts';
import { askHost, IP_PROBES, LONE_FRAGMENT } from '../interop/ip-probes.ts';
import { DIFFERENCES, PROBES } from '../interop/probes.ts';
import { RawLink } from '../interop/raw-link.ts';
import { askOurs } from '../interop/script-peer.ts';
import { type Script, script } from './script.ts';

interface Row {
  readonly probe: string;
  readonly linux: string;
  readonly ours: () => string | Promise<string>;
  /** Why the answers differ; they must, then. */
  readonly differs?: string;
}

const rows: { readonly probe: string; readonly linux: string; readonly ours: string; readonly note: string }[] = [];

function compare(title: string, table: readonly Row[]): void {
  describe(`the linux profile answers as Linux 6.18: ${title}`, () => {
    for (const { probe, linux, ours, differs } of table) {
      it(probe, async () => {
        const answer = await ours();
        rows.push({
          probe,
          linux,
          ours: answer,
          note: differs ?? (answer === linux ? '' : 'Linux is late by up to 5 %: its timer wheel is coarse'),
        });
        if (differs !== undefined) expect(answer).not.toBe(linux);
        else if (/^[\d. ]+$/.test(linux)) expectTimes(answer, linux);
        else expect(answer).toBe(linux);
      });
    }
  });
}

/** Linux's timers fire late by up to 5 %, as its wheel counts coarser the farther away a time is. */
function expectTimes(ours: string, linux: string): void {
  const [mine, theirs] = [ours, linux].map((text) => text.split(' ').map(Number)) as [number[], number[]];
  expect(mine).toHaveLength(theirs.length);
  mine.forEach((time, index) => {
    const measured = theirs[index] ?? 0;
    expect(time).toBeLessThanOrEqual(measured);
    expect(time).toBeGreaterThanOrEqual(0.95 * measured);
  });
}

afterAll(() => {
  const lines = rows.map(({ probe, linux, ours, note }) => {
    const verdict = ours === linux ? 'alike' : `ours: ${ours}`;
    return `${probe.padEnd(52)} ${linux.padEnd(62)} ${verdict}${note && ` (${note})`}`;
  });
  console.log(`probe, Linux 6.18, ours\n${lines.join('\n')}`);
});

const linux = (peerIss = 1_000_000): Script => script({ profile: LINUX_PROFILE, peerIss });
const text = (tcp: Script, withOptions = false): string =>
  tcp.sent
    .splice(0)
    .map((segment) => `${segment.text}${withOptions ? ` <${segment.options}>` : ''}`)
    .join('; ') || 'nothing';
const times = (tcp: Script): string => {
  const sent = tcp.sent.splice(0);
  return sent.map(({ atMs }) => ((atMs - (sent[0]?.atMs ?? 0)) / 1000).toFixed(2)).join(' ');
};
/** Both SYNs exchanged with MSS and SACK; the round trip takes 10 ms. */
const established = (): Script => {
  const tcp = linux();
  tcp.listen();
  tcp.inject('S 0:0(0) win 65535 <mss 1460,sackOK>');
  tcp.wait(10);
  tcp.inject('. 1:1(0) ack 1 win 65535');
  tcp.sent.length = 0;
  return tcp;
};
const answer = (tcp: Script, line: string, withOptions = false): string => {
  tcp.inject(line);
  tcp.wait(300);
  return text(tcp, withOptions);
};
const closed = (line: string): string => answer(linux(0), line);
const timeWait = (): Script => {
  const tcp = established();
  tcp.stream?.end();
  tcp.inject('F. 1:1(0) ack 2');
  tcp.wait(1000);
  tcp.sent.length = 0;
  return tcp;
};

compare('opening and refusing', [
  { probe: 'SYN to closed port', linux: 'R. 0:0(0) ack 1001', ours: () => closed('S 1000:1000(0)') },
  { probe: 'ACK(777) to closed port', linux: 'R 777:777(0)', ours: () => closed('. 1000:1000(0) ack 777') },
  {
    probe: 'SYN/ACK options offered to mss+sackOK',
    linux: 'S. 0:0(0) ack 1 win 64240 <mss 1460,sackOK>',
    ours: () => {
      const tcp = linux();
      tcp.listen();
      tcp.inject('S 0:0(0) <mss 1460,sackOK>');
      const win = tcp.sent[0]?.win;
      return text(tcp, true).replace(' <', ` win ${win} <`);
    },
  },
  {
    probe: 'no MSS option in SYN: sizes of first flight',
    linux: '10 of 536',
    ours: () => firstFlight(''),
  },
  { probe: 'IW: first flight, mss 1460', linux: '10 of 1460', ours: () => firstFlight(' <mss 1460>') },
  {
    probe: 'bad TCP checksum on SYN',
    linux: 'nothing',
    ours: () => {
      const tcp = linux();
      tcp.listen();
      tcp.inject('S 0:0(0) <mss 1460>', { breakChecksum: true });
      return text(tcp);
    },
  },
  {
    probe: 'simultaneous open: reply to crossing SYN',
    linux: 'S. 0:0(0) ack 1001',
    ours: () => {
      const tcp = linux(0);
      tcp.connect();
      tcp.sent.length = 0;
      tcp.inject('S 1000:1000(0) <mss 1460>');
      return text(tcp);
    },
  },
  {
    probe: 'SYN/ACK never ACKed: send times (s)',
    linux: '0.00 1.00 3.02 7.24 15.44',
    ours: () => {
      const tcp = linux();
      tcp.listen();
      tcp.inject('S 0:0(0) <mss 1460>');
      tcp.wait(20_000);
      return times(tcp);
    },
  },
  {
    probe: 'kernel SYN never answered: send times (s)',
    linux: '0.00 1.02 2.05 3.07 4.09 5.12 7.14 11.20',
    ours: () => {
      const tcp = linux();
      tcp.connect();
      tcp.wait(15_000);
      return times(tcp);
    },
  },
]);

function firstFlight(options: string): string {
  const tcp = linux();
  tcp.listen();
  tcp.inject(`S 0:0(0) win 65535${options}`);
  tcp.inject('. 1:1(0) ack 1 win 65535');
  tcp.sent.length = 0;
  tcp.write(30_000);
  const sizes = tcp.sent.map(({ payload }) => payload.length);
  return `${sizes.length} of ${[...new Set(sizes)].join(' ')}`;
}

compare('segments that are not expected', [
  {
    probe: 'RST out of window (seq+100000)',
    linux: 'nothing',
    ours: () => answer(established(), 'R 100001:100001(0)'),
  },
  {
    probe: 'RST in window, not exact (seq+10)',
    linux: '. 1:1(0) ack 1',
    ours: () => answer(established(), 'R 11:11(0)'),
  },
  { probe: 'SYN in window in ESTABLISHED', linux: '. 1:1(0) ack 1', ours: () => answer(established(), 'S 11:11(0)') },
  {
    probe: 'ACK for data never sent (snd+1000)',
    linux: '. 1:1(0) ack 1',
    ours: () => answer(established(), '. 1:1(0) ack 1001'),
  },
  {
    probe: 'ACK older than una-max_window',
    linux: '. 1:1(0) ack 1',
    ours: () => answer(established(), '. 1:1(0) ack -100000'),
  },
  {
    probe: 'data above window (seq+1e6)',
    linux: '. 1:1(0) ack 1',
    ours: () => answer(established(), '. 1000001:1000011(10) ack 1'),
  },
  {
    probe: 'keep-alive probe (seq-1, 0 bytes)',
    linux: '. 1:1(0) ack 1',
    ours: () => answer(established(), '. 0:0(0) ack 1'),
  },
  { probe: 'data with no ACK flag', linux: 'nothing', ours: () => answer(established(), '- 1:11(10)') },
  {
    probe: 'RST exact -> then data',
    linux: 'R 1:1(0)',
    ours: () => {
      const tcp = established();
      tcp.inject('R 1:1(0)');
      return answer(tcp, '. 1:11(10) ack 1');
    },
  },
  { probe: 'TIME-WAIT: our FIN again', linux: '. 2:2(0) ack 2', ours: () => answer(timeWait(), 'F. 1:1(0) ack 2') },
  { probe: 'TIME-WAIT: new SYN, lower seq', linux: '. 2:2(0) ack 2', ours: () => answer(timeWait(), 'S -999:-999(0)') },
  {
    probe: 'TIME-WAIT: new SYN, higher seq',
    linux: 'S. 65539:65539(0) ack 100001',
    ours: () => {
      const tcp = timeWait();
      tcp.inject('S 100000:100000(0)');
      return text(tcp);
    },
  },
  {
    probe: 'PAWS: TSval 2000 (older) with data',
    linux: '. 1:1(0) ack 1 <TS 0 6000>',
    ours: () => {
      const tcp = linux().accepted({ also: ',TS 6000 0', last: 'TS 6000 0' });
      tcp.inject('P. 1:6(5) ack 1 <TS 2000 0>');
      return text(tcp, true);
    },
  },
  {
    probe: 'no TS option on established TS conn, data',
    linux: '. 1:1(0) ack 6 <TS 0 6000>',
    ours: () => {
      const tcp = linux().accepted({ also: ',TS 6000 0', last: 'TS 6000 0' });
      tcp.inject('P. 1:6(5) ack 1');
      return text(tcp, true);
    },
  },
]);

compare('data, acknowledgments and SACK', [
  {
    probe: 'delayed ACK: one small segment after idle',
    linux: '. 1:1(0) ack 11 at once',
    ours: () => {
      const tcp = established();
      tcp.wait(1000);
      tcp.inject('P. 1:11(10) ack 1');
      return `${text(tcp)} at once`;
    },
  },
  {
    probe: 'delayed ACK: two full segments',
    linux: 'ack 2921 at once',
    ours: () => {
      const tcp = established();
      tcp.inject('. 1:1461(1460) ack 1');
      tcp.inject('. 1461:2921(1460) ack 1');
      return `ack ${tcp.sent.at(-1)?.text.split(' ').at(-1)} at once`;
    },
  },
  {
    probe: 'half close: kernel data after our FIN',
    linux: 'P. 1:10(9) ack 2',
    ours: () => {
      const tcp = established();
      tcp.inject('F. 1:1(0) ack 1');
      tcp.sent.length = 0;
      tcp.write(9);
      return text(tcp);
    },
  },
  ...sackRows(),
  {
    probe: 'ICMP frag-needed MTU 1200 on data: re-sent',
    linux: '. 1:1161(1160) ack 1',
    ours: () => {
      const tcp = established();
      tcp.write(3000);
      tcp.sent.length = 0;
      tcp.icmp({ kind: 'too-big', code: 4, mtuBytes: 1200, sequence: 1 });
      return tcp.sent[0]?.text ?? 'nothing';
    },
  },
]);

function sackRows(): Row[] {
  const steps: readonly (readonly [probe: string, segment: string, linux: string])[] = [
    ['OOO seg [1000,2000)', '1001:2001', 'ack 1 <sack 1001:2001>'],
    ['OOO seg [3000,4000)', '3001:4001', 'ack 1 <sack 3001:4001 1001:2001>'],
    ['OOO seg [5000,6000)', '5001:6001', 'ack 1 <sack 5001:6001 3001:4001 1001:2001>'],
    ['OOO seg [7000,8000)', '7001:8001', 'ack 1 <sack 7001:8001 5001:6001 3001:4001 1001:2001>'],
    ['OOO seg [9000,10000)  (5th hole)', '9001:10001', 'ack 1 <sack 9001:10001 7001:8001 5001:6001 3001:4001>'],
    ['dup of [3000,4000) (DSACK)', '3001:4001', 'ack 1 <sack 3001:4001 3001:4001 9001:10001 7001:8001>'],
    ['fill hole [0,1000)', '1:1001', 'ack 2001 <sack 3001:4001 9001:10001 7001:8001 5001:6001>'],
    ['old data [0,1000) again (DSACK below ack)', '1:1001', 'ack 2001 <sack 1:1001 3001:4001 9001:10001 7001:8001>'],
  ];
  return steps.map(([probe, , linuxAnswer], last) => ({
    probe,
    linux: linuxAnswer,
    ours: () => {
      const tcp = established();
      for (const [, segment] of steps.slice(0, last + 1)) {
        tcp.sent.length = 0;
        tcp.inject(`. ${segment}(1000) ack 1`);
      }
      return text(tcp, true).replace('. 1:1(0) ', '');
    },
  }));
}

compare('timers', [
  {
    probe: 'zero window from the start: probes (s)',
    linux: '0.00 0.44 1.30 3.00 6.52 13.43',
    ours: () => {
      const tcp = zeroWindow();
      tcp.wait(15_000);
      return times(tcp);
    },
  },
  {
    probe: 'zero window from the start: the probe',
    linux: '. 0:0(0) ack 1',
    ours: () => {
      const tcp = zeroWindow();
      tcp.wait(300);
      return text(tcp);
    },
  },
  {
    probe: 'open the window',
    linux: 'P. 1:101(100) ack 1',
    ours: () => {
      const tcp = zeroWindow();
      tcp.wait(300);
      tcp.sent.length = 0;
      tcp.inject('. 1:1(0) ack 1 win 1000');
      return text(tcp);
    },
  },
  {
    // Measured from when the data was written.
    probe: 'data never ACKed: send times (s)',
    linux: '0.00 0.21 0.65 1.51 3.21 6.73 13.64',
    ours: () => {
      const tcp = established();
      tcp.write(1160);
      tcp.wait(14_000);
      return times(tcp);
    },
  },
]);

function zeroWindow(): Script {
  const tcp = linux();
  tcp.listen();
  tcp.inject('S 0:0(0) win 0 <mss 1460,sackOK>');
  tcp.wait(10);
  tcp.inject('. 1:1(0) ack 1 win 0');
  tcp.sent.length = 0;
  tcp.write(100);
  return tcp;
}

compare('IP and ICMP', [
  {
    // When the answer comes, in s, and how many octets of data it quotes.
    probe: 'first fragment only: ICMP 11/1 after so many s',
    linux: '31.0',
    ours: () => askHost('ipv4', LONE_FRAGMENT).seconds.toFixed(1),
  },
  { probe: 'first fragment only', linux: '11/1 with 84, ttl 64', ours: () => askHost('ipv4', LONE_FRAGMENT).text },
  {
    probe: 'UDP to closed port: ICMP, octets quoted of 828',
    linux: '3/3 quotes 548, ttl 64',
    ours: () => icmpAnswer(17, 808),
  },
  { probe: 'unknown IP protocol 253', linux: '3/2', ours: () => icmpAnswer(253, 20).slice(0, 3) },
  {
    probe: 'bad IPv4 header checksum',
    linux: 'nothing',
    ours: () => icmpAnswer(17, 20, (packet) => packet.set([0xde, 0xad], 10)),
  },
]);

/** What a host says to a datagram of that protocol, with so many octets of payload. */
function icmpAnswer(protocol: number, octets: number, spoil: (packet: Uint8Array) => void = () => {}): string {
  const kernel = new Kernel('1', new Journal(false));
  const context = new Context(kernel, 'host');
  const link = new RawLink(context, { delayMs: 0, jitterMs: 0, loss: 0, duplicate: 0 });
  const ipv4 = new Ipv4Machine(context, [{ link, address: 0x0a000001, prefix: 24 }], [], false);
  const tcp = new Tcp(context, ipv4, LINUX_PROFILE, null);
  const udp = new Udp(context, ipv4);
  ipv4.reportTo(new Icmp(context, ipv4, (number) => (number === 6 ? tcp : number === 17 ? udp : null)));
  let said = 'nothing';
  link.onPacketOut = (packet) => {
    const [type, code] = packet.subarray(20);
    said = `${type}/${code} quotes ${packet.length - 28}, ttl ${packet[8]}`;
  };
  const packet = new Uint8Array(20 + octets);
  // A UDP header without a checksum, from port 7 to port 9.
  packet.set([0, 7, 0, 9, octets >>> 8, octets & 255, 0, 0], 20);
  writeIpv4(packet, 0, {
    totalLength: packet.length,
    identification: 1,
    flagsAndOffset: 0,
    ttl: 64,
    protocol,
    source: 0x0a000002,
    destination: 0x0a000001,
  });
  spoil(packet);
  link.receive(packet);
  for (let steps = 0; steps < 20; steps++) kernel.step();
  return said;
}

/** What Linux 6.18 answered over IPv6 (`test/interop/probes.test.ts` asks the kernel that runs here the same). */
const IPV6: Readonly<Record<string, string>> = {
  'SYN/ACK options offered to mss+sackOK': 'S. 0:0(0) ack 1 win 64800 <mss 1440,sackOK>',
  'SYN/ACK options offered to all of them': 'S. 0:0(0) ack 1 <mss 1440,sackOK,TS x 5,wscale 7>',
  'no MSS option in SYN: sizes of first flight': '10 of 1220',
  'IW: first flight, MSS as the link has it': '10 of 1440',
  'SYN to closed port': 'R. 0:0(0) ack 1001',
  'ACK(777) to closed port': 'R 777:777(0)',
  'bad TCP checksum on SYN': 'nothing',
  'simultaneous open: reply to crossing SYN': 'S. 0:0(0) ack 1001',
  'RST out of window (seq+100000)': 'nothing',
  'RST in window, not exact (seq+10)': '. 1:1(0) ack 1',
  'SYN in window in ESTABLISHED': '. 1:1(0) ack 1',
  'ACK for data never sent (snd+1000)': '. 1:1(0) ack 1',
  'ACK older than una-max_window': '. 1:1(0) ack 1',
  'data above window (seq+1e6)': '. 1:1(0) ack 1',
  'keep-alive probe (seq-1, 0 bytes)': '. 1:1(0) ack 1',
  'data with no ACK flag': 'nothing',
  'one small segment': '. 1:1(0) ack 11',
  'RST exact -> then data': 'R 1:1(0)',
  'PAWS: TSval 2000 (older) with data': '. 1:1(0) ack 1 <TS x 6000>',
  'five holes, a duplicate, the first filled, old data again: SACK blocks':
    'ack 1 <sack 1001:2001>; ack 1 <sack 3001:4001 1001:2001>; ack 1 <sack 5001:6001 3001:4001 1001:2001>; ack 1 <sack 7001:8001 5001:6001 3001:4001 1001:2001>; ack 1 <sack 9001:10001 7001:8001 5001:6001 3001:4001>; ack 1 <sack 3001:4001 3001:4001 9001:10001 7001:8001>; ack 2001 <sack 3001:4001 9001:10001 7001:8001 5001:6001>; ack 2001 <sack 1:1001 3001:4001 9001:10001 7001:8001>',
  'no TS option on established TS conn, data': '. 1:1(0) ack 6 <TS x 6000>',
  'TIME-WAIT: our FIN again': '. 2:2(0) ack 2',
  'TIME-WAIT: new SYN, lower seq': '. 2:2(0) ack 2',
  'TIME-WAIT: new SYN, higher seq': 'S. 65539:65539(0) ack 100001',
  'too big, 1300: what is sent again': '. 1:1241(1240) ack 1',
  'zero window from the start: the probe, and what comes when it opens': '. 0:0(0) ack 1; FP. 1:101(100) ack 1',
  'half close: data after our FIN': 'FP. 1:10(9) ack 2',
  'UDP to closed port, 828 octets': '1/4 with 848, ttl 64',
  'UDP to closed port, 1400 octets': '1/4 with 1232, ttl 64',
  'UDP to closed port, without a checksum': 'nothing',
  'unknown IP protocol 253': '4/1 with 60, ttl 64',
  'echo request': '129/0 with 56, ttl 64',
  'echo request whose TTL is 1 when it arrives': '129/0 with 56, ttl 64',
  'bad checksum (of IPv4, of ICMPv6)': 'nothing',
  'two fragments that are whole, the last first': '1/4 with 168, ttl 64',
  'two fragments that overlap by 8 octets, then the rest': 'nothing',
  'FIN to who reads: answered by a FIN': 'F. 1:1(0) ack 2',
  'first fragment only': '3/1 with 112, ttl 64',
};

compare(
  'over IPv6',
  [...PROBES, ...IP_PROBES, LONE_FRAGMENT].map((probe): Row => {
    const { name } = probe;
    const differs = DIFFERENCES[`ipv6: ${name}`];
    const ours = () => ('ask' in probe ? askOurs('ipv6', LINUX_PROFILE, probe) : askHost('ipv6', probe).text);
    return { probe: `${name} (IPv6)`, linux: IPV6[name] ?? 'not asked', ours, ...(differs && { differs }) };
  }),
);
