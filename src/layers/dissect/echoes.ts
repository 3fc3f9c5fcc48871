/** Pings that wait for their reply: a reply is matched by identifier, sequence number and both addresses. */

import type { Nanos } from '../../kernel/journal.ts';
import type { EchoRequest } from '../3-network/icmp/fields.ts';
import { ICMP_HEADER_BYTES, ICMP_TYPE, identifierOf, sequenceOf, typeOf } from '../3-network/icmp/header.ts';
import { destinationOf, sourceOf } from '../3-network/ipv4/header.ts';
import type { ReadFrame } from './dissection.ts';

export class Echoes {
  readonly #requests = new Map<string, { readonly frame: number; readonly atNs: Nanos }>();

  /** Reads the message at `at` in the packet at `ip`; answers the request that a reply belongs to, or null. */
  read(bytes: Uint8Array, ip: number, at: number, end: number, frame: ReadFrame): EchoRequest | null {
    if (end - at < ICMP_HEADER_BYTES) return null;
    const type = typeOf(bytes, at);
    const echo = `${identifierOf(bytes, at)}/${sequenceOf(bytes, at)}`;
    const source = sourceOf(bytes, ip);
    const destination = destinationOf(bytes, ip);
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
