/** Addresses, names, remote ends and URLs as a scenario writes them. */

import {
  broadcastOf,
  formatIpv4,
  type Ipv4,
  isGroupMac,
  type Mac,
  networkOf,
  parseIpv4,
  parseIpv6,
  parseMac,
} from '../wire/address.ts';
import { NOT_YET_VALUES, notYet } from './not-yet.ts';
import { complaint, describe, type Reading } from './quantity.ts';
import type { Remote } from './scenario.ts';
import { clipped } from './yaml-guard.ts';

/** An address with the length of its network's prefix. */
export interface Subnet {
  readonly address: Ipv4;
  readonly prefix: number;
}

export interface Url {
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

const WITH_PREFIX = /^([^/]*)\/(\d{1,3})$/;

/** `10.0.0.1/24`: the address of an interface. */
export function readInterfaceAddress(input: unknown): Reading<Subnet> {
  const subnet = readSubnet(input, 'an address with its prefix such as `10.0.0.1/24`');
  if (!('value' in subnet)) return subnet;
  const { address, prefix } = subnet.value;
  const bad = whyNoHost(address) ?? whyNoHostIn(address, prefix);
  return bad === null ? subnet : complaint(`${formatIpv4(address)}/${prefix} ${bad}`, null, 'PW0407');
}

/** `10.0.2.0/24` or `default`: where a route leads. */
export function readDestination(input: unknown): Reading<Subnet> {
  if (input === 'default') return { value: { address: 0, prefix: 0 } };
  const subnet = readSubnet(input, 'a network such as `10.0.2.0/24`, or `default`');
  if (!('value' in subnet)) return subnet;
  const { address, prefix } = subnet.value;
  const network = networkOf(address, prefix);
  if (network === address) return subnet;
  const hint = `write \`${formatIpv4(network)}/${prefix}\` for the network, \`${formatIpv4(address)}/32\` for the one host`;
  return complaint(`${formatIpv4(address)}/${prefix} is not the address of a network`, hint, 'PW0407');
}

function readSubnet(input: unknown, expected: string): Reading<Subnet> {
  if (typeof input !== 'string') return complaint(`expected ${expected}, found ${describe(input)}`, null, 'PW0303');
  const [, address = input, prefix] = WITH_PREFIX.exec(input) ?? [];
  const ipv4 = parseIpv4(address);
  if (ipv4 === null) return notIpv4(address, input, expected);
  if (prefix === undefined) {
    return complaint(`\`${clipped(input)}\` has no prefix length`, `write \`${clipped(input)}/24\``, 'PW0309');
  }
  if (Number(prefix) > 32) return complaint(`/${prefix} is longer than an IPv4 address of 32 bits`, null, 'PW0309');
  return { value: { address: ipv4, prefix: Number(prefix) } };
}

function notIpv4(address: string, input: string, expected: string): Reading<never> {
  if (parseIpv6(address) !== null) return complaint(notYet(NOT_YET_VALUES.ipv6), null, 'PW0901');
  if (/^0\d|\.0\d/.test(address)) {
    return complaint(`\`${clipped(input)}\` has leading zeros, which some read as octal`, 'leave them out', 'PW0309');
  }
  return complaint(`\`${clipped(input)}\` is not ${expected}`, null, 'PW0309');
}

/** Why no host can have this address, or null (RFC 1122 section 3.2.1.3, RFC 6890). */
function whyNoHost(address: Ipv4): string | null {
  if (address >>> 24 === 0) return 'lies in 0.0.0.0/8, "this network", and can be no host';
  if (address >>> 24 === 127) return 'lies in 127.0.0.0/8, the loopback, and never leaves its host';
  if (address >>> 28 === 0xe) return 'is a multicast address and can be no host';
  return address >>> 28 === 0xf ? 'lies in 240.0.0.0/4, which is reserved' : null;
}

function whyNoHostIn(address: Ipv4, prefix: number): string | null {
  if (prefix === 0) return 'would make the whole Internet one subnet';
  if (prefix === 32) return 'leaves no address for a neighbour: the prefix is at most 31';
  // RFC 3021: with 31 bits there are two hosts and neither network nor broadcast address.
  if (prefix === 31) return null;
  if (address === networkOf(address, prefix)) return 'is the address of the network itself';
  return address === broadcastOf(address, prefix) ? "is the network's broadcast address" : null;
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

/** A node's name, a DNS name or an IPv4 address: as text, for who it is shows later. */
export function readHost(input: unknown): Reading<string> {
  const expected = 'the name of a node, a DNS name or an address';
  if (typeof input !== 'string') return complaint(`expected ${expected}, found ${describe(input)}`, null, 'PW0303');
  return readHostText(input, expected);
}

function readHostText(host: string, expected: string): Reading<string> {
  if (parseIpv6(host.replace(/^\[(.*)\]$/, '$1')) !== null) {
    return complaint(notYet(NOT_YET_VALUES.ipv6), null, 'PW0901');
  }
  const address = parseIpv4(host);
  if (address !== null) {
    const bad = whyNoHost(address);
    return bad === null ? { value: host } : complaint(`${host} ${bad}`, null, 'PW0407');
  }
  if (/^[\d.]+(?:\/\d+)?$/.test(host) || !isDnsName(host)) {
    return complaint(`\`${clipped(host)}\` is not ${expected}`, null, 'PW0309');
  }
  return { value: host };
}

/** `server:9`. */
export function readRemote(input: unknown): Reading<Remote> {
  const expected = 'a host and port such as `server:9`';
  if (typeof input !== 'string') return complaint(`expected ${expected}, found ${describe(input)}`, null, 'PW0303');
  const [, name, digits = ''] = /^(.*):(\d+)$/s.exec(input) ?? [];
  if (name === undefined || parseIpv6(input) !== null) {
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

const URL_PARTS = /^([a-z][a-z0-9+.-]*):\/\/(\[[^\]]*\]|[^/:?#@]*)(?::(\d*))?([/?][^#]*)?(#.*)?$/is;

/** `http://host:port/path?query` (RFC 9110 section 4.2.1); a fragment stays with the client and is left out. */
export function readUrl(input: unknown): Reading<Url> {
  const expected = 'a URL such as `http://server/`';
  if (typeof input !== 'string') return complaint(`expected ${expected}, found ${describe(input)}`, null, 'PW0303');
  const [, scheme = '', name = '', digits, rest = '/'] = URL_PARTS.exec(input) ?? [];
  if (scheme === '') {
    const hint = /^[\w.:-]+(?:\/.*)?$/.test(input) ? `write \`http://${clipped(input)}\`` : null;
    return complaint(`\`${clipped(input)}\` is not ${expected}`, hint, 'PW0309');
  }
  if (scheme.toLowerCase() === 'https') return complaint(notYet(NOT_YET_VALUES.https), null, 'PW0901');
  if (scheme.toLowerCase() !== 'http') return complaint(`\`${clipped(scheme)}\` is not \`http\``, null, 'PW0309');
  // RFC 9112 section 3.2: what stands in the request line is visible ASCII; the rest is percent-encoded.
  if (!/^[\x21-\x7e]+$/.test(rest)) {
    return complaint('blanks and letters beyond ASCII in a URL are percent-encoded: %20', null, 'PW0309');
  }
  const port = digits === undefined || digits === '' ? 80 : Number(digits);
  if (port < 1 || port > 65_535)
    return complaint(`port ${clipped(String(digits))} is not within 1 to 65535`, null, 'PW0306');
  const host = readHostText(name, expected);
  if (!('value' in host)) return host;
  return { value: { host: host.value, port, path: rest.startsWith('/') ? rest : `/${rest}` } };
}
