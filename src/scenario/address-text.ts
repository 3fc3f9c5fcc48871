/** Addresses, names, remote ends and URLs as a scenario writes them. */

import {
  broadcastOf,
  formatIp,
  type IpAddress,
  type Ipv4,
  type Ipv6,
  isGroupMac,
  type Mac,
  parseIp,
  parseIpv6,
  parseMac,
} from '../wire/address.ts';
import { isIpv6Multicast, isLinkLocal } from '../wire/ipv6-address.ts';
import { whyNoIpv6 } from './ipv6-text.ts';
import { complaint, describe, type Reading } from './quantity.ts';
import type { Remote } from './scenario.ts';
import { familyName, familyOf, networkOf, type Subnet } from './subnet.ts';
import { clipped } from './yaml-guard.ts';

export interface Url {
  /** `https`, or `wss`. */
  readonly isSecure: boolean;
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

const WITH_PREFIX = /^([^/]*)\/(\d{1,3})$/;

/** `10.0.0.1/24`, `2001:db8::1/64` or `dhcp`: the address of an interface. */
export function readInterfaceAddress(input: unknown): Reading<Subnet | 'dhcp'> {
  if (input === 'dhcp') return { value: input };
  if (typeof input === 'string' && input.toLowerCase() === 'dhcp') {
    return complaint(`\`${input}\` is written in small letters`, 'write `dhcp`', 'PW0309');
  }
  const subnet = readSubnet(input, 'an address with its prefix such as `10.0.0.1/24` or `2001:db8::1/64`');
  if (!('value' in subnet)) return subnet;
  const { address, prefix } = subnet.value;
  const bad = whyNoHost(address) ?? whyNoHostIn(address, prefix);
  return bad === null ? subnet : complaint(`${formatIp(address)}/${prefix} ${bad}`, null, 'PW0407');
}

/** More addresses than this one server does not lend. */
const MAX_POOL = 65_536;

/** `10.0.0.100-10.0.0.199`: the first and the last address. */
export function readPool(input: unknown): Reading<{ readonly first: Ipv4; readonly last: Ipv4 }> {
  const expected = 'the first and last address of a pool such as `10.0.0.100-10.0.0.199`';
  if (typeof input !== 'string') return complaint(`expected ${expected}, found ${describe(input)}`, null, 'PW0303');
  const [from = '', to = '', ...more] = input.split('-');
  const [first, last] = [parseIp(from), parseIp(to)];
  if (typeof first !== 'number' || typeof last !== 'number' || more.length > 0) {
    return complaint(`\`${clipped(input)}\` is not ${expected}`, null, 'PW0309');
  }
  for (const address of [first, last]) {
    const bad = whyNoHost(address);
    if (bad !== null) return complaint(`${formatIp(address)} ${bad}`, null, 'PW0407');
  }
  if (first > last) {
    return complaint('the last address of the pool lies before the first', `write \`${to}-${from}\``, 'PW0306');
  }
  const size = last - first + 1;
  if (size <= MAX_POOL) return { value: { first, last } };
  return complaint(`the pool has ${size} addresses; at most ${MAX_POOL} are allowed`, null, 'PW0306');
}

/** `10.0.2.0/24`, `2001:db8:2::/64` or `default`: where a route leads. */
export function readDestination(input: unknown): Reading<Subnet | 'default'> {
  if (input === 'default') return { value: input };
  const subnet = readSubnet(input, 'a network such as `10.0.2.0/24` or `2001:db8:2::/64`, or `default`');
  if (!('value' in subnet)) return subnet;
  const { address, prefix } = subnet.value;
  const network = networkOf(address, prefix);
  if (network === address) return subnet;
  const shown = formatIp(address);
  const one = bitsOf(address);
  const hint = `write \`${formatIp(network)}/${prefix}\` for the network, \`${shown}/${one}\` for the one host`;
  return complaint(`${shown}/${prefix} is not the address of a network`, hint, 'PW0407');
}

function bitsOf(address: IpAddress): number {
  return typeof address === 'number' ? 32 : 128;
}

function readSubnet(input: unknown, expected: string): Reading<Subnet> {
  if (typeof input !== 'string') return complaint(`expected ${expected}, found ${describe(input)}`, null, 'PW0303');
  const [, text = input, prefix] = WITH_PREFIX.exec(input) ?? [];
  const address = parseIp(text);
  if (address === null) return noAddress(text, input, expected);
  const bits = bitsOf(address);
  if (prefix === undefined) {
    const usual = bits === 32 ? 24 : 64;
    return complaint(`\`${clipped(input)}\` has no prefix length`, `write \`${clipped(input)}/${usual}\``, 'PW0309');
  }
  if (Number(prefix) > bits) {
    const family = familyName(familyOf(address));
    return complaint(`/${prefix} is longer than an ${family} address of ${bits} bits`, null, 'PW0309');
  }
  return { value: { address, prefix: Number(prefix) } };
}

function noAddress(text: string, input: string, expected: string): Reading<never> {
  const bad = whyNoIpv6(text);
  if (bad !== null) return complaint(`\`${clipped(text)}\` is no IPv6 address: ${bad.message}`, bad.hint, 'PW0309');
  if (/^0\d|\.0\d/.test(text)) {
    return complaint(`\`${clipped(input)}\` has leading zeros, which some read as octal`, 'leave them out', 'PW0309');
  }
  return complaint(`\`${clipped(input)}\` is not ${expected}`, null, 'PW0309');
}

/** Why no host can have this address, or null. */
function whyNoHost(address: IpAddress): string | null {
  return typeof address === 'number' ? whyNoIpv4Host(address) : whyNoIpv6Host(address);
}

/** RFC 1122 section 3.2.1.3, RFC 6890. */
function whyNoIpv4Host(address: Ipv4): string | null {
  if (address >>> 24 === 0) return 'lies in 0.0.0.0/8, "this network", and can be no host';
  if (address >>> 24 === 127) return 'lies in 127.0.0.0/8, the loopback, and never leaves its host';
  if (address >>> 28 === 0xe) return 'is a multicast address and can be no host';
  return address >>> 28 === 0xf ? 'lies in 240.0.0.0/4, which is reserved' : null;
}

/** RFC 4291 sections 2.5 and 2.7. */
function whyNoIpv6Host(address: Ipv6): string | null {
  if (address === 0n) return 'is the unspecified address and can be no host';
  if (address === 1n) return 'is the loopback and never leaves its host';
  if (isIpv6Multicast(address)) return 'is a multicast address and can be no host';
  return address >> 32n === 0xffffn ? 'stands for an IPv4 address, which is written as such' : null;
}

function whyNoHostIn(address: IpAddress, prefix: number): string | null {
  const bits = bitsOf(address);
  if (prefix === 0) return 'would make the whole Internet one subnet';
  if (prefix === bits) return `leaves no address for a neighbour: the prefix is at most ${bits - 1}`;
  // RFC 3021, RFC 6164: of two hosts neither address is the network's or everybody's.
  if (prefix === bits - 1) return null;
  if (typeof address === 'bigint' && isLinkLocal(address) && prefix !== 64)
    return 'is link-local, which is always a /64';
  if (address === networkOf(address, prefix)) {
    return typeof address === 'number' ? 'is the address of the network itself' : 'is the address of the subnet itself';
  }
  const isBroadcast = typeof address === 'number' && address === broadcastOf(address, prefix);
  return isBroadcast ? "is the network's broadcast address" : null;
}

export function readMac(input: unknown): Reading<Mac> {
  const expected = 'a MAC address such as `02:00:00:00:00:01`';
  if (typeof input !== 'string')
    return complaint(`expected ${expected}, found ${describe(input)}`, QUOTE_MAC, 'PW0303');
  const mac = parseMac(input);
  if (mac === null) return complaint(`\`${clipped(input)}\` is not ${expected}`, null, 'PW0309');
  if (isGroupMac(mac)) {
    const hint = "the first octet's lowest bit marks a group: take an even one, such as 02";
    return complaint(`${input} is a multicast address and can be no interface's own`, hint, 'PW0410');
  }
  return mac === 0 ? complaint('a MAC address of zeros means "none"', null, 'PW0410') : { value: mac };
}

const QUOTE_MAC = 'put it in quotes: "02:00:00:00:00:01"';

/** A label of a DNS name; underscores are let through, as resolvers do. */
const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i;

export function isDnsName(name: string): boolean {
  const labels = name.replace(/\.$/, '').split('.');
  return name.length <= 253 && labels.every((label) => LABEL.test(label));
}

/** A node's name, a DNS name or an address: as text, for who it is shows later. */
export function readHost(input: unknown): Reading<string> {
  const expected = 'the name of a node, a DNS name or an address';
  if (typeof input !== 'string') return complaint(`expected ${expected}, found ${describe(input)}`, null, 'PW0303');
  return readHostText(input, expected);
}

function readHostText(host: string, expected: string): Reading<string> {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  const address = bare === host ? parseIp(host) : parseIpv6(bare);
  if (address !== null) {
    const bad = whyNoHost(address);
    // The host itself may be talked to, by those on it.
    return bad === null || address === 1n ? { value: bare } : complaint(`${bare} ${bad}`, null, 'PW0407');
  }
  const wrong = bare === host && host.includes('/') ? null : whyNoIpv6(bare);
  if (wrong !== null) {
    return complaint(`\`${clipped(bare)}\` is no IPv6 address: ${wrong.message}`, wrong.hint, 'PW0309');
  }
  if (/^[\d.]+(?:\/\d+)?$/.test(host) || !isDnsName(host)) {
    return complaint(`\`${clipped(host)}\` is not ${expected}`, null, 'PW0309');
  }
  return { value: host };
}

/** `server:9`, `[2001:db8::1]:9`. */
export function readRemote(input: unknown): Reading<Remote> {
  const expected = 'a host and port such as `server:9`';
  if (typeof input !== 'string') return complaint(`expected ${expected}, found ${describe(input)}`, null, 'PW0303');
  if (!input.startsWith('[') && input.split(':').length > 2) return withoutBrackets(input, expected);
  const [, name, digits = ''] = /^(.*):(\d+)$/s.exec(input) ?? [];
  if (name === undefined || parseIpv6(input.replace(/^\[(.*)\]$/, '$1')) !== null) {
    const host = readHostText(input, expected);
    return 'value' in host
      ? complaint(`\`${clipped(input)}\` has no port`, `write \`${clipped(input)}:80\``, 'PW0309')
      : host;
  }
  const port = Number(digits);
  if (port < 1 || port > 65_535) return complaint(`port ${clipped(digits)} is not within 1 to 65535`, null, 'PW0306');
  const host = readHostText(name, expected);
  return 'value' in host ? { value: { host: host.value, port } } : host;
}

/** RFC 3986 section 3.2.2: without them nobody could tell an address's last group from a port. */
function withoutBrackets(input: string, expected: string): Reading<never> {
  const [, front = '', last = ''] = /^(.*):(\d+)$/s.exec(input) ?? [];
  const example = parseIpv6(front) !== null ? `[${front}]:${last}` : parseIpv6(input) !== null ? `[${input}]:80` : null;
  if (example === null) {
    const bad = readHostText(input, expected);
    return 'value' in bad ? complaint(`\`${clipped(input)}\` is not ${expected}`, null, 'PW0309') : bad;
  }
  return complaint(
    `\`${clipped(input)}\`: an IPv6 address with a port stands in brackets`,
    `write \`${example}\``,
    'PW0309',
  );
}

const URL_PARTS = /^([a-z][a-z0-9+.-]*):\/\/(\[[^\]]*\]|[^/:?#@]*)(?::(\d*))?([/?][^#]*)?(#.*)?$/is;

/** `http://host:port/path?query`, or `https` (RFC 9110 section 4.2); a fragment stays with the client and is left out. */
export function readUrl(input: unknown): Reading<Url> {
  const expected = 'a URL such as `http://server/`';
  if (typeof input !== 'string') return complaint(`expected ${expected}, found ${describe(input)}`, null, 'PW0303');
  const [, scheme = '', name = '', digits, rest = '/'] = URL_PARTS.exec(input) ?? [];
  const bare = /^[a-z][a-z0-9+.-]*:\/\/([0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*)(?:[/?#]|$)/i.exec(input)?.[1];
  if (scheme === '' && bare !== undefined) {
    const hint = parseIpv6(bare) === null ? null : `write \`http://[${bare}]/\``;
    return complaint(`\`${clipped(input)}\`: an IPv6 address in a URL stands in brackets`, hint, 'PW0309');
  }
  if (scheme === '') {
    const hint = /^[\w.:-]+(?:\/.*)?$/.test(input) ? `write \`http://${clipped(input)}\`` : null;
    return complaint(`\`${clipped(input)}\` is not ${expected}`, hint, 'PW0309');
  }
  const isSecure = scheme.toLowerCase() === 'https';
  if (!isSecure && scheme.toLowerCase() !== 'http') {
    return complaint(`\`${clipped(scheme)}\` is neither \`http\` nor \`https\``, null, 'PW0309');
  }
  // RFC 9112 section 3.2: what stands in the request line is visible ASCII; the rest is percent-encoded.
  if (!/^[\x21-\x7e]+$/.test(rest)) {
    return complaint('blanks and letters beyond ASCII in a URL are percent-encoded: %20', null, 'PW0309');
  }
  const port = digits === undefined || digits === '' ? (isSecure ? 443 : 80) : Number(digits);
  if (port < 1 || port > 65_535)
    return complaint(`port ${clipped(String(digits))} is not within 1 to 65535`, null, 'PW0306');
  const host = readHostText(name, expected);
  if (!('value' in host)) return host;
  return { value: { isSecure, host: host.value, port, path: rest.startsWith('/') ? rest : `/${rest}` } };
}
