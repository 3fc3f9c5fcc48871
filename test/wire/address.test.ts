import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  broadcastOf,
  formatIpv4,
  formatIpv6,
  formatMac,
  isGroupMac,
  networkOf,
  parseIp,
  parseIpv4,
  parseIpv6,
  parseMac,
  readMac,
  writeMac,
} from '../../src/wire/address.ts';

describe('addresses', () => {
  it('IPv4: text and number and back', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), (address) => {
        expect(parseIpv4(formatIpv4(address))).toBe(address);
      }),
    );
    for (const bad of ['', '1.2.3', '1.2.3.256', '01.2.3.4', '1.2.3.4.5', '1.2.3.-4', ' 1.2.3.4', '1.2.3.4 ']) {
      expect(parseIpv4(bad)).toBeNull();
    }
  });

  it('IPv6: agrees with Node on what is one, and RFC 5952 writes it', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const address = parseIpv6(text) as bigint;
        expect(isIP(text)).toBe(6);
        expect(parseIpv6(formatIpv6(address))).toBe(address);
        expect(new URL(`http://[${text}]/`).hostname).toBe(`[${formatIpv6(address)}]`);
      }),
    );
    expect(
      ['::', '::1', '2001:db8::1', '2001:db8:0:1:1:1:1:1', '1:0:0:2::3'].map((text) =>
        formatIpv6(parseIpv6(text) as bigint),
      ),
    ).toEqual(['::', '::1', '2001:db8::1', '2001:db8:0:1:1:1:1:1', '1:0:0:2::3']);
    for (const bad of [':', ':::', '1:2:3:4:5:6:7', '1::2::3', '12345::', 'fe80::1%eth0', '1:2:3:4:5:6:7:8:9', '::g']) {
      expect([bad, parseIpv6(bad)]).toEqual([bad, null]);
    }
    expect(parseIp('::ffff:10.0.0.1')).toBe(0xffff0a000001n);
  });

  it('networks and broadcasts', () => {
    expect(formatIpv4(networkOf(0x0a0102ff, 24))).toBe('10.1.2.0');
    expect(formatIpv4(broadcastOf(0x0a010203, 16))).toBe('10.1.255.255');
    expect(networkOf(0x0a010203, 0)).toBe(0);
    expect(networkOf(0x0a010203, 32)).toBe(0x0a010203);
  });

  it('MAC: text, octets and the group bit', () => {
    fc.assert(
      fc.property(fc.nat(0xffff), fc.nat(0xffffffff), (high, low) => {
        const mac = high * 0x100000000 + low;
        const bytes = new Uint8Array(8);
        writeMac(bytes, 1, mac);
        expect([readMac(bytes, 1), parseMac(formatMac(mac))]).toEqual([mac, mac]);
      }),
    );
    expect([isGroupMac(0xffffffffffff), isGroupMac(0x01005e000001), isGroupMac(0x020000000001)]).toEqual([
      true,
      true,
      false,
    ]);
  });
});
