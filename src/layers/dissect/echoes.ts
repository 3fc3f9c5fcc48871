/** Pings that wait for their reply: a reply is matched by identifier, sequence number and both addresses. */

import type { Nanos } from '../../kernel/journal.ts';
import type { EchoRequest } from '../3-network/icmp/fields.ts';
import { ICMP_HEADER_BYTES, identifierOf, sequenceOf, typeOf } from '../3-network/icmp/header.ts';
import type { ReadFrame } from './dissection.ts';
import type { Packet } from './packet.ts';

export class Echoes {
  readonly #requestType: number;
  readonly #replyType: number;
  readonly #requests = new Map<string, { readonly frame: number; readonly atNs: Nanos }>();

  /** The types of both messages: ICMPv6 has other ones, in the same place. */
  constructor(requestType: number, replyType: number) {
    this.#requestType = requestType;
    this.#replyType = replyType;
  }

  /** Reads the message in the packet; answers the request that a reply belongs to, or null. */
  read({ bytes, start, end, source, destination }: Packet, frame: ReadFrame): EchoRequest | null {
    if (end - start < ICMP_HEADER_BYTES) return null;
    const type = typeOf(bytes, start);
    const echo = `${identifierOf(bytes, start)}/${sequenceOf(bytes, start)}`;
    // Wireshark does not ask which of the two sent what.
    const key = source < destination ? `${source}-${destination} ${echo}` : `${destination}-${source} ${echo}`;
    if (type === this.#requestType) {
      this.#requests.set(key, { frame: frame.number, atNs: frame.atNs });
    } else if (type === this.#replyType) {
      const request = this.#requests.get(key);
      this.#requests.delete(key);
      if (request) return { frame: request.frame, elapsedNs: frame.atNs - request.atNs };
    }
    return null;
  }
}
