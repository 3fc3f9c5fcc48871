/** Networks of either family. */

import { formatIp, type IpAddress, type Ipv4, type Ipv6, networkOf as ipv4NetworkOf } from '../wire/address.ts';
import { ipv6NetworkOf } from '../wire/ipv6-address.ts';

export type Family = 'ipv4' | 'ipv6';
export const FAMILIES: readonly Family[] = ['ipv4', 'ipv6'];

/** An address with the length of its network's prefix. */
export interface Subnet<Address extends IpAddress = IpAddress> {
  readonly address: Address;
  readonly prefix: number;
}

export interface Network {
  readonly to: IpAddress;
  readonly prefix: number;
}

export const DEFAULT_ROUTE: Readonly<Record<Family, Network>> = {
  ipv4: { to: 0, prefix: 0 },
  ipv6: { to: 0n, prefix: 0 },
};

export function familyOf(address: IpAddress): Family {
  return typeof address === 'number' ? 'ipv4' : 'ipv6';
}

export function familyName(family: Family): string {
  return family === 'ipv4' ? 'IPv4' : 'IPv6';
}

export function isIpv4(subnet: Subnet): subnet is Subnet<Ipv4> {
  return typeof subnet.address === 'number';
}

export function isIpv6(subnet: Subnet): subnet is Subnet<Ipv6> {
  return typeof subnet.address === 'bigint';
}

export function networkOf(address: IpAddress, prefix: number): IpAddress {
  return typeof address === 'number' ? ipv4NetworkOf(address, prefix) : ipv6NetworkOf(address, prefix);
}

/** The network around an address. */
export function networkAround({ address, prefix }: Subnet): Network {
  return { to: networkOf(address, prefix), prefix };
}

export function contains({ address, prefix }: Subnet, other: IpAddress): boolean {
  return typeof address === typeof other && networkOf(address, prefix) === networkOf(other, prefix);
}

/** One number for network and prefix, exact: routers of a large network have a million routes together. */
export function keyOf({ to, prefix }: Network): number | bigint {
  return typeof to === 'number' ? to * 64 + prefix : (to << 8n) | BigInt(prefix);
}

export function networkText({ to, prefix }: Network): string {
  return `${formatIp(to)}/${prefix}`;
}
