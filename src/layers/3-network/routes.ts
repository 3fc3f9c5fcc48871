import { formatIp, type IpAddress, networkOf } from '../../wire/address.ts';
import { ipv6NetworkOf } from '../../wire/ipv6-address.ts';

export interface Route<Address extends IpAddress, Interface> {
  readonly to: Address;
  readonly prefix: number;
  /** The next hop; null: the network is on the link itself. */
  readonly via: Address | null;
  readonly out: Interface;
}

/** A row, always made in one place: what looks at routes meets objects of one shape. */
export function makeRoute<Address extends IpAddress, Interface>(
  to: Address,
  prefix: number,
  via: Address | null,
  out: Interface,
): Route<Address, Interface> {
  return { to, prefix, via, out };
}

/** Destinations that are looked up often are remembered up to this number. */
const REMEMBERED = 4096;

/** A routing table of one family: the longest prefix wins (RFC 1812 section 5.2.4.3), the earlier row among equals. */
export class Routes<Address extends IpAddress, Interface> {
  #rows: readonly Route<Address, Interface>[] = [];
  /** By prefix length, the longest first, and by network: a thousand rows are not gone through one by one. */
  #byPrefix: ReadonlyMap<number, ReadonlyMap<Address, Route<Address, Interface>>> = new Map();
  readonly #remembered = new Map<Address, Route<Address, Interface> | null>();

  constructor(rows: readonly Route<Address, Interface>[]) {
    this.replace(rows);
  }

  get rows(): readonly Route<Address, Interface>[] {
    return this.#rows;
  }

  replace(rows: readonly Route<Address, Interface>[]): void {
    this.#remembered.clear();
    this.#rows = rows
      .map((row, index) => ({ row, index }))
      .sort((one, other) => other.row.prefix - one.row.prefix || one.index - other.index)
      .map(({ row }) => makeRoute(row.to, row.prefix, row.via, row.out));
    const byPrefix = new Map<number, Map<Address, Route<Address, Interface>>>();
    for (const row of this.#rows) {
      const networks = byPrefix.get(row.prefix) ?? new Map<Address, Route<Address, Interface>>();
      byPrefix.set(row.prefix, networks);
      if (!networks.has(row.to)) networks.set(row.to, row);
    }
    this.#byPrefix = byPrefix;
  }

  lookUp(destination: Address): Route<Address, Interface> | null {
    const remembered = this.#remembered.get(destination);
    if (remembered !== undefined) return remembered;
    const found = this.#search(destination);
    if (this.#remembered.size >= REMEMBERED) this.#remembered.clear();
    this.#remembered.set(destination, found);
    return found;
  }

  #search(destination: Address): Route<Address, Interface> | null {
    for (const [prefix, networks] of this.#byPrefix) {
      const network =
        typeof destination === 'number' ? networkOf(destination, prefix) : ipv6NetworkOf(destination, prefix);
      const row = networks.get(network as Address);
      if (row) return row;
    }
    return null;
  }
}

export function routeText(route: { readonly to: IpAddress; readonly prefix: number }): string {
  return `${formatIp(route.to)}/${route.prefix}`;
}
