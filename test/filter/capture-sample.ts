/** A capture with one of most things that Wireshark and we both read, for filters to be asked about. */

import { type ReadFrame, VIRTUAL_EPOCH_NS } from '../../src/layers/codecs.ts';
import { pcapngFile } from '../../src/projections/pcapng.ts';
import * as f from '../referee/frames.ts';

const CLIENT = f.ip('10.0.0.1');
const SERVER = f.ip('10.0.0.2');
const OTHER = f.ip('10.0.1.77');
const INTERFACES = ['client:eth0', 'server:eth0'] as const;
const OPTIONS = Uint8Array.of(2, 4, 5, 180, 1, 3, 3, 7, 4, 2, 1, 1);
const SYN = 0x02;
const ACK = 0x10;
const PUSH = 0x08;
const FIN = 0x01;

function there(sequence: number, acknowledgment: number, flags: number, rest: Partial<f.TcpSegment> = {}): Uint8Array {
  const ends = { source: CLIENT, destination: SERVER, sourcePort: 40000, destinationPort: 4080 };
  return f.onEthernet(f.tcp({ ...ends, sequence, acknowledgment, flags, window: 64240, ...rest }));
}

function back(sequence: number, acknowledgment: number, flags: number, rest: Partial<f.TcpSegment> = {}): Uint8Array {
  const ends = { source: SERVER, destination: CLIENT, sourcePort: 4080, destinationPort: 40000 };
  return there(sequence, acknowledgment, flags, { ...ends, ...rest });
}

function name(...labels: readonly string[]): number[] {
  return [...labels.flatMap((label) => [label.length, ...f.bytesOf(label)]), 0];
}

const QUERY = Uint8Array.of(0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...name('Server', 'lan'), 0, 1, 0, 1);
const ANSWER = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4];
const RESPONSE = Uint8Array.of(
  ...[0x12, 0x34, 0x85, 0x80, 0, 1, 0, 2, 0, 0, 0, 0, ...name('Server', 'lan'), 0, 1, 0, 1],
  ...[...ANSWER, 10, 0, 0, 2],
  ...[...ANSWER, 10, 0, 1, 77],
);

const REQUEST = f.bytesOf('GET /index.html?a=1 FOO/1.1\r\nHost: server\r\nUser-Agent: Curl/7.1\r\n\r\n');
const REPLY = f.bytesOf('FOO/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nhello');

/** A connection to a web server, on a port that tells Wireshark so. */
const WEB = { sourcePort: 41000, destinationPort: 80 };
const WEB_BACK = { sourcePort: 80, destinationPort: 41000 };
const WEB_REQUEST = f.bytesOf(
  'GET /index.html?a=1 HTTP/1.1\r\nHost: server\r\nUser-Agent: Curl/7.1\r\nAccept: */*\r\n\r\n',
);
const WEB_REPLY = f.bytesOf('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello');

const FRAMES: readonly Uint8Array[] = [
  f.arp(1, CLIENT, SERVER),
  f.arp(2, SERVER, CLIENT),
  there(1000, 0, SYN, { options: OPTIONS }),
  back(5000, 1001, SYN | ACK, { options: OPTIONS }),
  there(1001, 5001, ACK),
  there(1001, 5001, PUSH | ACK, { payload: REQUEST }),
  back(5001, 1001 + REQUEST.length, PUSH | ACK, { payload: REPLY }),
  there(1001, 5001, PUSH | ACK, { payload: REQUEST }),
  there(1001 + REQUEST.length, 5001 + REPLY.length, FIN | ACK),
  f.onEthernet(f.udp(CLIENT, OTHER, 50001, 50002, f.bytesOf('some payload\0\x01ü here'))),
  f.onEthernet(f.udp(OTHER, CLIENT, 50002, 50001, f.bytesOf('answer'))),
  f.onEthernet(f.icmp(CLIENT, SERVER, 8, 0, 7, 1, f.bytesOf('abcdefghijklmnop'))),
  f.onEthernet(f.icmp(SERVER, CLIENT, 0, 0, 7, 1, f.bytesOf('abcdefghijklmnop'))),
  f.onEthernet(f.icmp(SERVER, CLIENT, 3, 3, 0, 0, f.udp(CLIENT, SERVER, 1234, 50003, f.bytesOf('xxxxxxxx')))),
  f.onEthernet(f.udp(CLIENT, SERVER, 5555, 53, QUERY)),
  f.onEthernet(f.udp(SERVER, CLIENT, 53, 5555, RESPONSE)),
  f.ethernet(f.macOf(CLIENT), 0xffffffffffff, 0x88b5, f.bytesOf('unknown ethertype payload')),
  f.onEthernet(f.ipv4(CLIENT, SERVER, f.bytesOf('12345678'.repeat(4)), { protocol: 17, flagsAndOffset: 0x2000 })),
  there(100, 0, SYN, WEB),
  back(900, 101, SYN | ACK, WEB_BACK),
  there(101, 901, PUSH | ACK, { ...WEB, payload: WEB_REQUEST }),
  back(901, 101 + WEB_REQUEST.length, PUSH | ACK, { ...WEB_BACK, payload: WEB_REPLY }),
];

export const SAMPLE: readonly ReadFrame[] = FRAMES.map((bytes, index) => ({
  bytes,
  number: index + 1,
  atNs: index * 1_500_000_123,
  fcs: true,
  interfaceId: index % 2,
  interfaceName: INTERFACES[index % 2] as string,
  direction: index % 2 === 0 ? 'outbound' : 'inbound',
  comment: index === 4 ? 'lost: "x" ünï' : null,
}));

export const EPOCH_NS = VIRTUAL_EPOCH_NS;

export function sampleFile(): Uint8Array {
  return pcapngFile(
    INTERFACES,
    SAMPLE.map(({ bytes, atNs, comment, direction, interfaceName }) => ({
      interface: interfaceName as string,
      atNs,
      bytes,
      comment: comment ?? null,
      direction: direction as 'inbound' | 'outbound',
    })),
  );
}
