import { formatIpv4, type Ipv4, prefixMask } from '../../../wire/address.ts';

export interface Route<Interface> {
  readonly to: Ipv4;
  readonly prefix: number;
  /** The next hop; null: the network is on the link itself. */
  readonly via: Ipv4 | null;
  readonly out: Interface;
}

/** Destinations that are looked up often are remembered up to this number. */
const REMEMBERED = 4096;

/** A routing table: the longest prefix wins (RFC 1812 section 5.2.4.3), the earlier row among equals. */
export class Routes<Interface> {
  readonly rows: readonly Route<Interface>[];
  readonly #remembered = new Map<Ipv4, Route<Interface> | null>();

  constructor(rows: readonly Route<Interface>[]) {
    this.rows = rows
      .map((row, index) => ({ row, index }))
      .sort((one, other) => other.row.prefix - one.row.prefix || one.index - other.index)
      .map(({ row }) => row);
  }

  lookUp(destination: Ipv4): Route<Interface> | null {
    const remembered = this.#remembered.get(destination);
    if (remembered !== undefined) return remembered;
    const found = this.rows.find((row) => (destination & prefixMask(row.prefix)) >>> 0 === row.to) ?? null;
    if (this.#remembered.size >= REMEMBERED) this.#remembered.clear();
    this.#remembered.set(destination, found);
    return found;
  }
}

export function routeText(route: { readonly to: Ipv4; readonly prefix: number }): string {
  return `${formatIpv4(route.to)}/${route.prefix}`;
}
