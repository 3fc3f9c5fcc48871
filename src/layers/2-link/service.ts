import type { IpAddress, Mac } from '../../wire/address.ts';
import type { Pdu } from '../pdu.ts';

/** The data link service of one interface (ISO/IEC 8886, connectionless): frames to MAC addresses. */
export interface FrameService {
  /** The interface's name, `eth0`. */
  readonly name: string;
  readonly mac: Mac;
  /** The greatest payload of a frame in octets. */
  readonly mtuBytes: number;
  send(pdu: Pdu, etherType: number, destination: Mac): void;
  /** The same with the address in its two parts (`macHigh`, `macLow`): whoever sends every packet keeps those. */
  sendTo(pdu: Pdu, etherType: number, high: number, low: number): void;
  /** Hears frames to a group of IPv6's (RFC 2464 section 7) from now on; of the others the card hears nothing. */
  join(group: Mac): void;
  /** Hands payloads of that EtherType to a user. */
  register(etherType: number, user: FrameUser): void;
}

export interface FrameUser {
  /** The window is the frame's payload, padding included. `group`: it was sent to a group address, not to us alone. */
  onPayload(pdu: Pdu, group: boolean): void;
}

/** The same service for a network protocol, which knows next hops by their network address (RFC 826 stands between). */
export interface NeighbourService {
  readonly name: string;
  readonly mtuBytes: number;
  /** Sends to a neighbour, whose MAC address is found first; the packet waits for that. */
  send(pdu: Pdu, nextHop: IpAddress): void;
  /** Sends to everybody on the link. */
  broadcast(pdu: Pdu): void;
  attach(user: NeighbourUser): void;
  /** A neighbour's MAC address is known before anybody asks for it, as to whoever gave it its address. IPv4's. */
  introduce?(neighbour: IpAddress, mac: Mac): void;
  /** Hears what is sent to a group from now on. Left out: the link hears everything. */
  join?(group: IpAddress): void;
  /** A transport knows that the neighbour gets what is sent to it (RFC 4861 section 7.3.1). Left out: nobody asks. */
  confirm?(neighbour: IpAddress): void;
}

export interface NeighbourUser {
  /** `via`: the name of the interface. */
  onPacket(pdu: Pdu, group: boolean, via: string): void;
  /** Nobody answered for that next hop: the packet comes back (RFC 1812 section 3.3.2: host unreachable). */
  onUnresolved(pdu: Pdu, nextHop: IpAddress): void;
}
