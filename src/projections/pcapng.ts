/**
 * Writes frames as a pcapng file (draft-ietf-opsawg-pcapng): one section, one interface description per vantage point,
 * one enhanced packet block per frame, all big-endian.
 *
 * Virtual time 0 is 2000-01-01T00:00:00Z, so that a file does not depend on when it was written. Frames end with their
 * FCS, and the interface says so (if_fcslen 4): Wireshark then checks it instead of guessing.
 */

import type { Nanos } from '../kernel/journal.ts';
import { VIRTUAL_EPOCH_NS } from '../layers/codecs.ts';
import { Writer } from '../wire/writer.ts';

export interface CapturedFrame {
  /** Where it was seen: one of the names given to `pcapng`. */
  readonly interface: string;
  readonly atNs: Nanos;
  /** Ethernet header to FCS. */
  readonly bytes: Uint8Array;
  /** Shown with the packet; null for none. Cut to 65,535 octets. */
  readonly comment: string | null;
  /** As the interface's node sees it. */
  readonly direction: 'inbound' | 'outbound';
}

/** An interface of a file. */
interface Interface {
  readonly name: string | null;
  /** As libpcap numbers them. */
  readonly linkType: number;
  /** null: nobody said. */
  readonly fcsBytes: number | null;
}

interface Packet {
  readonly interfaceId: number;
  /** Since 1970. */
  readonly timeNs: bigint;
  readonly bytes: Uint8Array;
  readonly originalLength: number;
  readonly comments: readonly string[];
  readonly direction: 'inbound' | 'outbound' | null;
}

const BLOCK = { section: 0x0a0d0d0a, interface: 1, packet: 6, secrets: 10 } as const;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const LINK_TYPE_ETHERNET = 1;
const FCS_BYTES = 4;
/** `TLSK`: a TLS key log. */
const SECRETS_TLS = 0x544c534b;
const OPTION = {
  end: 0,
  comment: 1,
  userApplication: 4,
  interfaceName: 2,
  timeResolution: 9,
  fcsLength: 13,
  packetFlags: 2,
} as const;
/** Powers of ten: 10^-9 s. */
const NANOSECONDS = 9;
/** An option's length field has 16 bits. */
const GREATEST_OPTION_BYTES = 0xffff;
const ELLIPSIS = '…';

/**
 * The file, block by block. `interfaces` are the vantage points (`client:eth0`) in the order of their ids; every frame
 * names one of them. `frames` are in the order of time. `secrets`: a TLS key log, with which readers decrypt. Throws a RangeError for a frame of an unknown interface.
 */
export function* pcapng(
  interfaces: readonly string[],
  frames: Iterable<CapturedFrame>,
  secrets = '',
): Generator<Uint8Array, void, undefined> {
  const described = interfaces.map((name) => ({ name, linkType: LINK_TYPE_ETHERNET, fcsBytes: FCS_BYTES }));
  const ids = new Map(interfaces.map((name, id) => [name, id]));
  const packets = function* (): Generator<Packet> {
    for (const { interface: name, atNs, bytes, comment, direction } of frames) {
      const id = ids.get(name);
      if (id === undefined) throw new RangeError(`no interface ${name} was announced for the capture`);
      const timeNs = VIRTUAL_EPOCH_NS + BigInt(atNs);
      yield {
        interfaceId: id,
        timeNs,
        bytes,
        originalLength: bytes.length,
        comments: comment ? [comment] : [],
        direction,
      };
    }
  };
  yield* pcapngOf(described, packets(), secrets);
}

/** The same for frames of any link, as they were captured. */
export function* pcapngOf(
  interfaces: readonly Interface[],
  packets: Iterable<Packet>,
  secrets = '',
): Generator<Uint8Array, void, undefined> {
  yield block(BLOCK.section, sectionBody());
  for (const each of interfaces) yield block(BLOCK.interface, interfaceBody(each));
  // Before the packets that it is for: readers go through the file once.
  if (secrets !== '') yield block(BLOCK.secrets, secretsBody(secrets));
  for (const packet of packets) yield block(BLOCK.packet, packetBody(packet));
}

/** The whole file at once. */
export function pcapngFile(interfaces: readonly string[], frames: Iterable<CapturedFrame>): Uint8Array {
  const file = new Writer();
  for (const part of pcapng(interfaces, frames)) file.bytes(part);
  return file.done();
}

/** Type, total length, body (a multiple of 4 octets), total length again. */
function block(type: number, body: Writer): Uint8Array {
  const length = body.length + 12;
  return new Writer().u32(type).u32(length).bytes(body.done()).u32(length).done();
}

function sectionBody(): Writer {
  // A section length of -1 means that it was not known when the header was written.
  const body = new Writer().u32(BYTE_ORDER_MAGIC).u16(1).u16(0).u32(0xffffffff).u32(0xffffffff);
  option(body, OPTION.userApplication, utf8('packetwalk'));
  return endOfOptions(body);
}

function interfaceBody({ name, linkType, fcsBytes }: Interface): Writer {
  // A snap length of 0 means that nothing is cut.
  const body = new Writer().u16(linkType).u16(0).u32(0);
  if (name !== null) option(body, OPTION.interfaceName, cut(name));
  option(body, OPTION.timeResolution, Uint8Array.of(NANOSECONDS));
  if (fcsBytes !== null) option(body, OPTION.fcsLength, Uint8Array.of(fcsBytes));
  return endOfOptions(body);
}

function secretsBody(secrets: string): Writer {
  const bytes = utf8(secrets);
  const body = new Writer().u32(SECRETS_TLS).u32(bytes.length).bytes(bytes);
  pad(body);
  return body;
}

function packetBody({ interfaceId, timeNs, bytes, originalLength, comments, direction }: Packet): Writer {
  const body = new Writer()
    .u32(interfaceId)
    .u32(Number(BigInt.asUintN(64, timeNs) >> 32n))
    .u32(Number(timeNs & 0xffffffffn))
    .u32(bytes.length)
    .u32(originalLength)
    .bytes(bytes);
  pad(body);
  for (const comment of comments) option(body, OPTION.comment, cut(comment));
  if (direction !== null) option(body, OPTION.packetFlags, Uint8Array.of(0, 0, 0, direction === 'inbound' ? 1 : 2));
  return endOfOptions(body);
}

function option(body: Writer, code: number, value: Uint8Array): void {
  body.u16(code).u16(value.length).bytes(value);
  pad(body);
}

function endOfOptions(body: Writer): Writer {
  return body.u16(OPTION.end).u16(0);
}

function pad(body: Writer): void {
  while (body.length % 4 !== 0) body.u8(0);
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/**
 * The text as UTF-8 that fits an option. NUL, which ends a string for many readers, becomes its visible symbol; what is
 * too long ends between two code points, and an ellipsis says so.
 */
function cut(text: string): Uint8Array {
  const bytes = utf8(text.replaceAll('\0', '\u2400'));
  if (bytes.length <= GREATEST_OPTION_BYTES) return bytes;
  const mark = utf8(ELLIPSIS);
  let end = GREATEST_OPTION_BYTES - mark.length;
  while (((bytes[end] as number) & 0xc0) === 0x80) end -= 1;
  const shortened = new Uint8Array(end + mark.length);
  shortened.set(bytes.subarray(0, end));
  shortened.set(mark, end);
  return shortened;
}
