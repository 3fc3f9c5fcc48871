/** What a reader sees in a header: fields under Wireshark's names, each tied to the octets (and bits) it stands in. */

import type { LayerNumber } from '../kernel/journal.ts';

/**
 * How a value is compared and written.
 * `none`: only present or absent (a protocol's own name, `tcp.analysis.retransmission`). `time`: ns, shown in seconds.
 */
export type FieldKind =
  | 'none'
  | 'boolean'
  | 'unsigned'
  | 'signed'
  | 'float'
  | 'ipv4'
  | 'ipv6'
  | 'ether'
  | 'string'
  | 'bytes'
  | 'time';

export interface FieldType {
  /** Wireshark's name: `tcp.srcport`. */
  readonly name: string;
  readonly kind: FieldKind;
  /** What a person reads: `Source Port`. */
  readonly label: string;
  readonly layer: LayerNumber;
  /** What it means, in a sentence. */
  readonly meaning: string;
  /** How tshark prints unsigned values: default decimal; `hex4` is `0x0800`. Of octets: `colons` between them. */
  readonly show?: 'decimal' | 'hex2' | 'hex4' | 'hex6' | 'hex8' | 'colons';
}

/**
 * unsigned and signed: number (bigint above 2^53); boolean: boolean; ipv4: number; ipv6: bigint; ether: number;
 * string: string; bytes: Uint8Array; time: number of ns; none: null.
 */
export type FieldValue = number | bigint | boolean | string | Uint8Array | null;

export interface Field {
  readonly type: FieldType;
  readonly value: FieldValue;
  /** Offset in the frame and length, in octets; length 0 for what is computed and stands nowhere. */
  readonly at: number;
  readonly length: number;
  /** For parts of octets: the first bit (0 = the most significant bit of octet `at`) and how many. */
  readonly bits?: readonly [first: number, count: number];
  /** The value in words for people, where the plain number says too little: `IPv4 (0x0800)`. */
  readonly text?: string;
}

/** One protocol in a frame: `fields` in the order of the header. */
export interface ProtocolLayer {
  /** Wireshark's filter name: `eth`, `arp`, `ip`, `icmp`, `udp`, `tcp`, `dns`, `http`. */
  readonly protocol: string;
  /** What a person reads: `Ethernet II`. */
  readonly title: string;
  /** The line that stands for the whole, in tshark's words: `Ethernet II, Src: 02:…:01, Dst: 02:…:02`. */
  readonly text: string;
  readonly layer: LayerNumber;
  readonly at: number;
  /** Of the header (for a message protocol, of the whole message). */
  readonly length: number;
  /**
   * Octets of the whole PDU, header, data and trailer, where these are not `length`: what `tcp contains "GET"` searches.
   */
  readonly extent?: number;
  readonly fields: readonly Field[];
  /**
   * The octets that offsets count in. Left out: the frame's. A message that came in several segments or fragments has
   * octets of its own, which stand in no single frame.
   */
  readonly source?: Uint8Array;
}

/** A frame as a reader sees it. */
export interface Dissection {
  readonly layers: readonly ProtocolLayer[];
  /** tshark's columns. */
  readonly source: string;
  readonly destination: string;
  readonly protocol: string;
  readonly info: string;
}
