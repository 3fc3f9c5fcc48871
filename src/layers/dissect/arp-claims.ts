/** Which station claimed which IP address by ARP, to notice when two claim one. */

import type { Ipv4, Mac } from '../../wire/address.ts';
import { isMalformed } from '../../wire/reader.ts';
import { type DuplicateAddress, isHostMac } from '../2-link/arp/fields.ts';
import { ARP_OPERATION, type ArpPacket, readArp } from '../2-link/arp/header.ts';
import type { ReadFrame } from './dissection.ts';

interface Claim {
  mac: Mac;
  frame: number;
  atSeconds: number;
}

interface Doubts {
  /** The addresses in a packet that another station claimed before. */
  readonly duplicates: readonly DuplicateAddress[];
  /** What came of the last claim in it: Wireshark notes that one behind the info. */
  readonly last: DuplicateAddress | null;
}

const NONE: Doubts = { duplicates: [], last: null };

export class ArpClaims {
  readonly #claims = new Map<Ipv4, Claim>();

  /** Reads the sound packet at `at`. */
  read(bytes: Uint8Array, at: number, frame: ReadFrame): Doubts {
    const packet = readArp(bytes, at, bytes.length);
    if (isMalformed(packet)) return NONE;
    const found = claimsOf(packet).map(([ip, mac]) => this.#claim(ip, mac, frame));
    return { duplicates: found.filter((duplicate) => duplicate !== null), last: found.at(-1) ?? null };
  }

  #claim(ip: Ipv4, mac: Mac, frame: ReadFrame): DuplicateAddress | null {
    const atSeconds = Math.floor(frame.atNs / 1e9);
    const claim = this.#claims.get(ip);
    if (!claim) {
      this.#claims.set(ip, { mac, frame: frame.number, atSeconds });
      return null;
    }
    const { frame: earlierFrame, atSeconds: earlierSeconds, mac: earlierMac } = claim;
    if (earlierMac === mac) {
      claim.frame = frame.number;
      claim.atSeconds = atSeconds;
      return null;
    }
    return { ip, mac, earlierMac, earlierFrame, secondsSince: atSeconds - earlierSeconds };
  }
}

/** The pairs of address and station that a packet vouches for: its sender's; of a reply also its target's, if it is another. */
function claimsOf(packet: ArpPacket): readonly (readonly [Ipv4, Mac])[] {
  const { operation, senderIp, senderMac, targetIp, targetMac } = packet;
  const claims: (readonly [Ipv4, Mac])[] = [];
  if (operation !== ARP_OPERATION.request && operation !== ARP_OPERATION.reply) return claims;
  if (senderIp !== 0 && isHostMac(senderMac)) claims.push([senderIp, senderMac]);
  const isOther = targetIp !== 0 && targetIp !== senderIp;
  if (operation === ARP_OPERATION.reply && isOther && isHostMac(targetMac)) claims.push([targetIp, targetMac]);
  return claims;
}
