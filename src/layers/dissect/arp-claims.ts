/** Which station claimed which IP address by ARP, to notice when two claim one. */

import type { Ipv4, Mac } from '../../wire/address.ts';
import { isMalformed } from '../../wire/reader.ts';
import type { DuplicateAddress } from '../2-link/arp/fields.ts';
import { isHostMac } from '../2-link/arp/fields.ts';
import { type ArpPacket, readArp } from '../2-link/arp/header.ts';
import type { ReadFrame } from './dissection.ts';

interface Claim {
  mac: Mac;
  frame: number;
  atSeconds: number;
}

export class ArpClaims {
  readonly #claims = new Map<Ipv4, Claim>();

  /** Reads the sound packet at `at`; answers the addresses in it that another station claimed before. */
  read(bytes: Uint8Array, at: number, frame: ReadFrame): readonly DuplicateAddress[] {
    const packet = readArp(bytes, at, bytes.length);
    if (isMalformed(packet)) return [];
    const duplicates = claimsOf(packet).map(([ip, mac]) => this.#claim(ip, mac, frame));
    return duplicates.filter((duplicate) => duplicate !== null);
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

/** The pairs of address and station that a packet vouches for: its sender's; of a reply also its target's. */
function claimsOf(packet: ArpPacket): readonly (readonly [Ipv4, Mac])[] {
  const claims: (readonly [Ipv4, Mac])[] = [];
  if (packet.senderIp !== 0 && isHostMac(packet.senderMac)) claims.push([packet.senderIp, packet.senderMac]);
  if (packet.operation === 2 && packet.targetIp !== 0 && isHostMac(packet.targetMac)) {
    claims.push([packet.targetIp, packet.targetMac]);
  }
  return claims;
}
