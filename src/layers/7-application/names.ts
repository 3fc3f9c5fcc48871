import { type IpAddress, parseIp } from '../../wire/address.ts';

/** The names of a scenario's nodes, which every host knows, as if they stood in its hosts file. */
export interface Names {
  /** The address of the node of that name, as this host would reach it; null when there is no such node. */
  nodeAddress(name: string): IpAddress | null;
}

/** Who asks the Domain Name System. */
export interface NameService {
  /** `done` is called once, now or later. */
  resolve(name: string, done: (answer: Answer) => void): void;
}

export type Answer = { readonly address: IpAddress } | { readonly problem: string };

/** From what stands in a URL or behind `to` to an address: literal addresses, then the nodes' names, then the DNS. */
export class Lookup {
  readonly #names: Names;
  readonly #dns: NameService | null;

  /** `dns`: null on a host without a name server. */
  constructor(names: Names, dns: NameService | null) {
    this.#names = names;
    this.#dns = dns;
  }

  /** `done` is called once, now or later. A problem is a sentence's end: `… has no address`. */
  find(host: string, done: (answer: Answer) => void): void {
    const address = parseIp(host) ?? this.#names.nodeAddress(host);
    if (address !== null) done({ address });
    else if (this.#dns) this.#dns.resolve(host, done);
    else done({ problem: `no node is called ${host}, and this node has no name server to ask` });
  }
}
