/** Pings that wait for their reply: a reply is matched by identifier, sequence number and both addresses. */

import type { Nanos } from '../../kernel/journal.ts';
import type { EchoRequest } from '../3-network/icmp/fields.ts';
import { ICMP_HEADER_BYTES, ICMP_TYPE, identifierOf, sequenceOf, typeOf } from '../3-network/icmp/header.ts';
import type { ReadFrame } from './dissection.ts';
import type { Packet } from './packet.ts';

export class Echoes {
  readonly #requests = new Map<string, { readonly frame: number; readonly atNs: Nanos }>();

  /** Reads the message in the packet; answers the request that a reply belongs to, or null. */
  read({ bytes, start, end, source, destination }: Packet, frame: ReadFrame): EchoRequest | null {
    if (end - start < ICMP_HEADER_BYTES) return null;
    const type = typeOf(bytes, start);
    const echo = `${identifierOf(bytes, start)}/${sequenceOf(bytes, start)}`;
    if (type === ICMP_TYPE.echoRequest) {
      this.#requests.set(`${source}-${destination} ${echo}`, { frame: frame.number, atNs: frame.atNs });
    } else if (type === ICMP_TYPE.echoReply) {
      const key = `${destination}-${source} ${echo}`;
      const request = this.#requests.get(key);
      this.#requests.delete(key);
      if (request) return { frame: request.frame, elapsedNs: frame.atNs - request.atNs };
    }
    return null;
  }
}
