/** Reads ICMPv6 messages, ties echo replies to their requests, and reads the packets that errors quote. */

import { u8 } from '../../wire/reader.ts';
import {
  ECHO_REPLY,
  ECHO_REQUEST,
  ICMPV6,
  ICMPV6_HEADER_BYTES,
  icmpv6Fields,
  icmpv6Info,
  isIcmpv6Error,
} from '../3-network/icmpv6/fields.ts';
import { isDiscoveryCut } from '../3-network/icmpv6/neighbour-fields.ts';
import { redirectedPacket } from '../3-network/icmpv6/option-fields.ts';
import { pseudoHeaderSum } from '../3-network/service.ts';
import { addData } from './data-fields.ts';
import type { FrameDissection } from './dissection.ts';
import { Echoes } from './echoes.ts';
import type { Ipv6Reader } from './ipv6-reader.ts';
import { addMalformed } from './malformed.ts';
import type { Packet } from './packet.ts';

const ICMPV6_PROTOCOL = 58;
const REDIRECT = 137;
const BODY_AT = 8;

export class Icmpv6Reader {
  readonly #ipv6: Ipv6Reader;
  readonly #echoes = new Echoes(ECHO_REQUEST, ECHO_REPLY);

  constructor(ipv6: Ipv6Reader) {
    this.#ipv6 = ipv6;
  }

  read(read: FrameDissection, packet: Packet): void {
    const { bytes, start: at, end, ttl: hopLimit, source, destination, whole } = packet;
    const isChecked = whole && !read.quoting && end - at >= ICMPV6_HEADER_BYTES;
    const pseudo = isChecked ? pseudoHeaderSum(source, destination, ICMPV6_PROTOCOL, end - at) : null;
    const request = read.quoting ? null : this.#echoes.read(packet, read.frame);
    const seen = { hopLimit, pseudo, request };
    read.setProtocol('ICMPv6');
    if (end > at) read.setInfo(() => icmpv6Info(bytes, at, end, seen));
    read.add(
      ICMPV6,
      bytes,
      at,
      end - at,
      () => ICMPV6.title,
      () => icmpv6Fields(bytes, at, end, seen),
    );
    if (end - at < BODY_AT) {
      addMalformed(read, 'ICMPv6', bytes, end);
      return;
    }
    const type = u8(bytes, at);
    if (isDiscoveryCut(bytes, at, end, type)) addMalformed(read, 'ICMPv6', bytes, end);
    if (isIcmpv6Error(type)) this.#quoted(read, bytes, at + BODY_AT, end);
    else if (type === REDIRECT) {
      const quoted = redirectedPacket(bytes, at + 40, end);
      if (quoted) this.#quoted(read, bytes, ...quoted);
    } else if (type === ECHO_REQUEST || type === ECHO_REPLY) addData(read, bytes, at + BODY_AT, end);
  }

  #quoted(read: FrameDissection, bytes: Uint8Array, at: number, end: number): void {
    const before = read.quoting;
    read.quoting = true;
    this.#ipv6.read(read, bytes, at, end);
    read.quoting = before;
  }
}
