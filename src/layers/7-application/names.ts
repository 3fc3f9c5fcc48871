import { type IpAddress, parseIp } from '../../wire/address.ts';
import { isLinkLocal } from '../../wire/ipv6-address.ts';

/** The names of a scenario's nodes, which every host knows, as if they stood in its hosts file. */
export interface Names {
  /** The addresses of the node of that name, in file order; none when there is no such node. */
  nodeAddresses(name: string): readonly IpAddress[];
  /** Whether a node of that name may have one at another time. Left out: none may. */
  isLent?(name: string): boolean;
}

/** Who asks the Domain Name System. */
export interface NameService {
  /** `done` is called once, now or later. */
  resolve(name: string, done: (answer: Answer) => void): void;
}

export type Answer = { readonly address: IpAddress } | { readonly problem: string };

/** Which addresses this host can use, and which of several first (RFC 6724 section 6). */
export class Destinations {
  readonly families: { readonly ipv4: boolean; readonly ipv6: boolean };
  readonly #sourceTowards: (address: IpAddress) => IpAddress | null;

  constructor(
    sourceTowards: (address: IpAddress) => IpAddress | null,
    families: { readonly ipv4: boolean; readonly ipv6: boolean },
  ) {
    this.#sourceTowards = sourceTowards;
    this.families = families;
  }

  /** Rule 1: what can be reached; rule 2: from an address of the same scope; rule 6: IPv6; then the order given. */
  best(addresses: readonly IpAddress[]): IpAddress | null {
    const rank = (address: IpAddress) => {
      const source = this.#sourceTowards(address);
      if (source === null) return 4;
      if (typeof address === 'number') return 1;
      const isMatch = typeof source === 'bigint' && isLinkLocal(source) === isLinkLocal(address);
      return isMatch ? 0 : 2;
    };
    const [first = null] = addresses.toSorted((one, other) => rank(one) - rank(other));
    return first;
  }
}

/** Of a host that has IPv4 and reaches everybody. */
export const IPV4_ANYWHERE = new Destinations(() => 0, { ipv4: true, ipv6: false });

/** From what stands in a URL or behind `to` to an address: literal addresses, then the nodes' names, then the DNS. */
export class Lookup {
  readonly #names: Names;
  readonly #dns: NameService | null;

  readonly #destinations: Destinations;

  /** `dns`: null on a host without a name server. */
  constructor(names: Names, dns: NameService | null, destinations = IPV4_ANYWHERE) {
    this.#names = names;
    this.#dns = dns;
    this.#destinations = destinations;
  }

  /** `done` is called once, now or later. A problem is a sentence's end: `… has no address`. */
  find(host: string, done: (answer: Answer) => void): void {
    const address = parseIp(host) ?? this.#destinations.best(this.#names.nodeAddresses(host));
    if (address !== null) done({ address });
    else if (this.#names.isLent?.(host)) done({ problem: `${host} has no address now` });
    else if (this.#dns) this.#dns.resolve(host, done);
    else done({ problem: `no node is called ${host}, and this node has no name server to ask` });
  }
}
