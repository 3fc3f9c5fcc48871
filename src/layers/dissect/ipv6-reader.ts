/** Reads IPv6 packets with their extension headers, and hands what they carry on. */

import { formatIp, formatIpv6, type Ipv6 } from '../../wire/address.ts';
import { u8, u16 } from '../../wire/reader.ts';
import {
  DESTINATION,
  extensionBytes,
  FRAGMENT,
  FRAGMENT_BYTES,
  finalDestination,
  fragmentFields,
  HOP_BY_HOP,
  optionsFields,
  ROUTING,
  readFragment,
  routingFields,
  routingText,
} from '../3-network/ipv6/extension-fields.ts';
import { addressAt, IPV6, ipv6Fields, ipv6Text } from '../3-network/ipv6/fields.ts';
import type { Reassembled } from '../3-network/reassembled.ts';
import type { Field } from '../field.ts';
import { addData } from './data-fields.ts';
import type { FrameDissection, Protocol } from './dissection.ts';
import { Fragments } from './fragments.ts';
import { addMalformed } from './malformed.ts';
import type { Packet } from './packet.ts';

const HEADER_BYTES = 40;
const NEXT = { hopByHop: 0, routing: 43, fragment: 44, none: 59, destination: 60 } as const;

/** Hands on what an IP packet carries, by its protocol number. */
export type PayloadReader = (read: FrameDissection, packet: Packet, protocol: number) => void;

/** What the fields of the header learn later: that the packet was put together here. */
interface Completion {
  whole: Reassembled | null;
}

export class Ipv6Reader {
  readonly #payload: PayloadReader;
  readonly #fragments = new Fragments();

  constructor(payload: PayloadReader) {
    this.#payload = payload;
  }

  /** Reads the packet at `at` and returns where it ends by its own length. */
  read(read: FrameDissection, bytes: Uint8Array, at: number, end: number): number {
    if (end <= at) return end;
    const isReadable = end - at >= HEADER_BYTES;
    const stated = isReadable ? at + HEADER_BYTES + u16(bytes, at + 4) : end;
    const stop = Math.min(end, stated);
    const completion: Completion = { whole: null };
    read.setProtocol('IPv6');
    read.add(
      IPV6,
      bytes,
      at,
      Math.min(HEADER_BYTES, end - at),
      () => ipv6Text(bytes, at, end),
      () => ipv6Fields(bytes, at, end, completion.whole),
      stop - at,
    );
    if (!isReadable) {
      addMalformed(read, 'IPv6', bytes, end);
      return end;
    }
    const source = addressAt(bytes, at + 8);
    const destination = addressAt(bytes, at + 24);
    read.setAddresses(
      () => formatIpv6(source),
      () => formatIpv6(destination),
    );
    const start = at + HEADER_BYTES;
    const whole = stated <= end;
    const packet: Packet = { bytes, source, destination, ttl: u8(bytes, at + 7), start, end: stop, whole };
    this.#inside(read, packet, u8(bytes, at + 6), completion);
    return stop;
  }

  /** Steps over extension headers, each of which names what follows it. */
  #inside(read: FrameDissection, first: Packet, firstNext: number, completion: Completion): void {
    let packet = first;
    let next = firstNext;
    for (;;) {
      const { bytes, start, end } = packet;
      const options = next === NEXT.hopByHop || next === NEXT.destination || next === NEXT.routing;
      if (!options && next !== NEXT.fragment) break;
      if (end - start < FRAGMENT_BYTES || (options && end - start < extensionBytes(bytes, start))) {
        addMalformed(read, 'IPv6', bytes, end);
        return;
      }
      if (options) {
        const [destination, length] = addExtension(read, packet, next);
        next = u8(bytes, start);
        packet = { ...packet, start: start + length };
        if (destination !== null) packet = routedTo(read, packet, destination);
      } else {
        const opened = this.#fragment(read, packet, completion);
        if (!opened) return;
        next = u8(bytes, start);
        packet = opened;
      }
    }
    const { bytes, start, end } = packet;
    if (next === NEXT.none) {
      read.setInfo('IPv6 no next header');
      addData(read, bytes, start, end);
    } else this.#payload(read, packet, next);
  }

  /** What lies behind the fragment header when it is all there; null: it is shown as data. */
  #fragment(read: FrameDissection, packet: Packet, completion: Completion): Packet | null {
    const { bytes, start, end, source, destination } = packet;
    const { next, offset, more, identification } = readFragment(bytes, start);
    add(read, FRAGMENT, bytes, start, FRAGMENT_BYTES, () => fragmentFields(bytes, start));
    const body = start + FRAGMENT_BYTES;
    if (offset === 0 && !more) return { ...packet, start: body };
    if (packet.whole && !read.quoting && end > body) {
      const key = `${source} ${destination} ${identification}`;
      const whole = this.#fragments.take(key, read.frame.number, offset, bytes.subarray(body, end), !more);
      if (whole) {
        completion.whole = whole;
        return { ...packet, bytes: whole.bytes, start: 0, end: whole.bytes.length };
      }
    }
    const ident = identification.toString(16).padStart(8, '0');
    read.setInfo(`IPv6 fragment (off=${offset} more=${more ? 'y' : 'n'} ident=0x${ident} nxt=${next})`);
    addData(read, bytes, body, end);
    return null;
  }
}

/** The columns and checksums speak of where a source route ends, not of its next stop. */
function routedTo(read: FrameDissection, packet: Packet, destination: Ipv6): Packet {
  const { source } = packet;
  read.setAddresses(
    () => formatIp(source),
    () => formatIpv6(destination),
  );
  return { ...packet, destination };
}

/** Where a source route ends, if it is one, and the length of the header. */
function addExtension(
  read: FrameDissection,
  { bytes, start, end }: Packet,
  kind: number,
): readonly [destination: bigint | null, length: number] {
  const length = extensionBytes(bytes, start);
  if (kind === NEXT.routing) {
    add(read, ROUTING, bytes, start, length, () => routingFields(bytes, start, end), routingText(bytes, start));
    return [finalDestination(bytes, start, end), length];
  }
  const isHopByHop = kind === NEXT.hopByHop;
  const protocol = isHopByHop ? HOP_BY_HOP : DESTINATION;
  add(read, protocol, bytes, start, length, () => optionsFields(bytes, start, end, isHopByHop));
  return [null, length];
}

function add(
  read: FrameDissection,
  protocol: Protocol,
  bytes: Uint8Array,
  at: number,
  length: number,
  build: () => Field[],
  text = protocol.title,
): void {
  read.add(protocol, bytes, at, length, () => text, build);
}
