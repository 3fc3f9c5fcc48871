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
  }

  lookUp(destination: Address): Route<Address, Interface> | null {
    const remembered = this.#remembered.get(destination);
    if (remembered !== undefined) return remembered;
    const found = this.#rows.find((row) => isIn(destination, row.to, row.prefix)) ?? null;
    if (this.#remembered.size >= REMEMBERED) this.#remembered.clear();
    this.#remembered.set(destination, found);
    return found;
  }
}

function isIn(address: IpAddress, network: IpAddress, prefix: number): boolean {
  return (typeof address === 'number' ? networkOf(address, prefix) : ipv6NetworkOf(address, prefix)) === network;
}

export function routeText(route: { readonly to: IpAddress; readonly prefix: number }): string {
  return `${formatIp(route.to)}/${route.prefix}`;
}
