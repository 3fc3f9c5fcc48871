/** The fields of one header on its own, whole and cut at every octet. */

import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../../src/layers/codecs.ts';
import { fieldText } from '../../src/layers/dissect/field-text.ts';
import * as four from '../referee/frames.ts';
import * as six from '../referee/ipv6-frames.ts';

const A = four.ip('10.0.0.1');
const B = four.ip('10.0.0.2');
const C = six.ip6('2001:db8::1');
const D = six.ip6('2001:db8::2');
const TARGET = Buffer.from(six.octetsOf(D)).toString('hex');
const DHCP_BODY = four.joined(Uint8Array.of(1, 1, 6, 0), new Uint8Array(232), six.hex('63825363 350101 0c0161 ff'));

const HEADERS: Readonly<Record<string, readonly [protocol: string, bytes: Uint8Array, first: string]>> = {
  'a frame': ['ethernet', four.arp(1, A, B), 'eth.dst'],
  'a tag': ['vlan', six.hex('000a 0800'), 'vlan.priority'],
  'a tag before a length': ['vlan', six.hex('000a 0010'), 'vlan.priority'],
  ARP: ['arp', four.arp(1, A, B).subarray(14, 42), 'arp.hw.type'],
  IPv4: ['ip', four.udp(A, B, 1, 2, four.bytesOf('x')), 'ip.version'],
  ICMP: ['icmp', four.icmp(A, B, 8, 0, 1, 2, four.bytesOf('x')).subarray(20), 'icmp.type'],
  'a redirect': ['icmp', four.icmp(A, B, 5, 0, 1, 2, four.bytesOf('x')).subarray(20), 'icmp.type'],
  IPv6: ['ipv6', six.ipv6(C, D, new Uint8Array(8), { next: 59 }), 'ipv6.version'],
  'a router': ['icmpv6', six.icmpv6(C, D, 134, 0, six.hex('40000708 00000000 00000000')), 'icmpv6.type'],
  'a listener': ['icmpv6', six.icmpv6(C, D, 131, 0, six.hex(`00000000 ${TARGET}`)), 'icmpv6.type'],
  'a redirect of IPv6': ['icmpv6', six.icmpv6(C, D, 137, 0, six.hex(`00000000 ${TARGET} ${TARGET}`)), 'icmpv6.type'],
  UDP: ['udp', four.udp(A, B, 1, 2, four.bytesOf('x')).subarray(20), 'udp.srcport'],
  TCP: ['tcp', six.tcp6(C, D, [1, 2], 3, 4, 2), 'tcp.srcport'],
  DHCP: ['dhcp', DHCP_BODY, 'dhcp.type'],
  DNS: ['dns', six.hex('0001 0100 0001 0000 0000 0000 0161 00 0001 0001'), 'dns.id'],
  'an echo': ['echo', four.bytesOf('x'), 'echo.request'],
  data: ['data', four.bytesOf('x'), 'data.data'],
};

describe('the fields of', () => {
  it.each(Object.entries(HEADERS))(
    '%s begin with its first, and never go beyond what there is',
    (_, [protocol, bytes, first]) => {
      expect(fieldsOf(protocol, bytes)[0]?.type.name).toBe(first);
      for (let end = 0; end < bytes.length; end++) {
        const fields = fieldsOf(protocol, bytes.slice(0, end));
        for (const { at, length } of fields)
          expect([end, at >= 0 && at + length <= Math.max(end, at)]).toEqual([end, true]);
        for (const each of fields) expect(fieldText(each)).not.toMatch(/NaN|undefined/);
      }
    },
  );

  it('nobody knows what are none', () => {
    expect(fieldsOf('quic', new Uint8Array(100))).toEqual([]);
    expect(fieldsOf('eth', new Uint8Array(13))).toEqual([]);
  });
});

/** Wireshark shows more of what has a wrong length; we show the option and not what is in it. */
describe('an option of Neighbour Discovery of another length', () => {
  it.each([
    ['an address', '0102 020000000001 0000000000000000', 'icmpv6.opt.linkaddr'],
    ['a prefix', '0301 40 c0 00000000', 'icmpv6.opt.prefix'],
    ['an MTU', '0502 0000 000005dc 0000000000000000', 'icmpv6.opt.mtu'],
  ])('%s has no value', (_, option, value) => {
    const names = fieldsOf('icmpv6', six.icmpv6(C, D, 133, 0, six.hex(`00000000 ${option}`))).map(
      ({ type }) => type.name,
    );
    expect(names).toContain('icmpv6.opt.length');
    expect(names).not.toContain(value);
  });
});
