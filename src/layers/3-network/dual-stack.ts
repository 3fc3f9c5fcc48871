/** Both families behind one network service: the transports speak to addresses, and an address knows its family. */

import type { IpAddress } from '../../wire/address.ts';
import type { Pdu } from '../pdu.ts';
import type { EchoListener, EchoService, NetworkService, NetworkUser } from './service.ts';

type EchoRequest = Parameters<EchoService['request']>;

export class DualStack implements NetworkService {
  readonly #ipv4: NetworkService;
  readonly #ipv6: NetworkService;

  constructor(ipv4: NetworkService, ipv6: NetworkService) {
    this.#ipv4 = ipv4;
    this.#ipv6 = ipv6;
  }

  sourceTowards(destination: IpAddress): IpAddress | null {
    return this.#familyOf(destination).sourceTowards(destination);
  }

  mtuTowards(destination: IpAddress): number {
    return this.#familyOf(destination).mtuTowards(destination);
  }

  isLocal(address: IpAddress): boolean {
    return this.#familyOf(address).isLocal(address);
  }

  send(
    pdu: Pdu,
    protocol: number,
    source: IpAddress,
    destination: IpAddress,
    dontFragment: boolean,
    ttl?: number,
    out?: string,
  ): boolean {
    return this.#familyOf(destination).send(pdu, protocol, source, destination, dontFragment, ttl, out);
  }

  register(protocol: number, user: NetworkUser): void {
    this.#ipv4.register(protocol, user);
    this.#ipv6.register(protocol, user);
  }

  /** The header that was opened last says its version in its first four bits. */
  refuse(pdu: Pdu): void {
    if ((pdu.bytes[pdu.outer] as number) >>> 4 === 6) this.#ipv6.refuse(pdu);
    else this.#ipv4.refuse(pdu);
  }

  confirm(destination: IpAddress): void {
    this.#familyOf(destination).confirm?.(destination);
  }

  #familyOf(address: IpAddress): NetworkService {
    return typeof address === 'number' ? this.#ipv4 : this.#ipv6;
  }
}

/** Echoes of both families; their identifiers come from one place, so either may hand them out. */
export class DualEcho implements EchoService {
  readonly #icmp: EchoService;
  readonly #icmpv6: EchoService;

  constructor(icmp: EchoService, icmpv6: EchoService) {
    this.#icmp = icmp;
    this.#icmpv6 = icmpv6;
  }

  openEcho(listener: EchoListener): number {
    return this.#icmp.openEcho(listener);
  }

  closeEcho(identifier: number): void {
    this.#icmp.closeEcho(identifier);
  }

  request(...what: EchoRequest): boolean {
    const [to] = what;
    return (typeof to === 'number' ? this.#icmp : this.#icmpv6).request(...what);
  }
}
