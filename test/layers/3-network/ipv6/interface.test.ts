/** Which of its addresses an interface speaks from (RFC 6724 section 5), and which groups it listens to. */

import { describe, expect, it } from 'vitest';
import { Context } from '../../../../src/kernel/context.ts';
import { Journal } from '../../../../src/kernel/journal.ts';
import { Kernel } from '../../../../src/kernel/kernel.ts';
import { type AddressState, Ipv6Interface } from '../../../../src/layers/3-network/ipv6/interface.ts';
import { formatIpv6 } from '../../../../src/wire/address.ts';
import { solicitedNodeOf } from '../../../../src/wire/ipv6-address.ts';
import { ip6 } from './node.ts';

function having(...addresses: readonly (readonly [text: string, state: AddressState])[]): Ipv6Interface {
  const context = new Context(new Kernel('1', new Journal(true)), 'node');
  const link = { name: 'eth0', mtuBytes: 1500, send: () => {}, broadcast: () => {}, attach: () => {} };
  const out = new Ipv6Interface(context, link, false);
  const never = Number.MAX_SAFE_INTEGER;
  for (const [text, state] of addresses) {
    out.assign({ address: ip6(text), prefix: 64, state, preferredUntilNs: never, validUntilNs: never }, 'test');
  }
  return out;
}

describe('an interface speaks from', () => {
  const LOCAL = ['fe80::1', 'preferred'] as const;

  it.each<[string, readonly (readonly [string, AddressState])[], string, string | null]>([
    ['its link-local address on its link', [LOCAL, ['2001:db8::1', 'preferred']], 'fe80::9', 'fe80::1'],
    ['its link-local address to a group of the link', [LOCAL, ['2001:db8::1', 'preferred']], 'ff02::1', 'fe80::1'],
    ['a wider one to a wider group', [LOCAL, ['2001:db8::1', 'preferred']], 'ff05::1', '2001:db8::1'],
    ['nothing on its link before it is checked', [['fe80::1', 'tentative']], 'fe80::9', null],
    ['nothing on its link without one', [['2001:db8::1', 'preferred']], 'fe80::9', null],
    ['its link-local address where it has no other', [LOCAL, ['2001:db8::1', 'duplicate']], '2001:db8::9', 'fe80::1'],
    ['nothing where it has none at all', [], '2001:db8::9', null],
    [
      'one that is preferred',
      [
        ['2001:db8:1::1', 'deprecated'],
        ['2001:db8:2::1', 'preferred'],
      ],
      '2001:db8:1::9',
      '2001:db8:2::1',
    ],
    [
      'one that is preferred, whichever came first',
      [
        ['2001:db8:2::1', 'preferred'],
        ['2001:db8:1::1', 'deprecated'],
      ],
      '2001:db8:1::9',
      '2001:db8:2::1',
    ],
    [
      'one that is deprecated where there is no other',
      [['2001:db8:1::1', 'deprecated']],
      '2001:db8:1::9',
      '2001:db8:1::1',
    ],
    [
      'the one that shares more',
      [
        ['2001:db8:1::1', 'preferred'],
        ['2001:db8:2::1', 'preferred'],
      ],
      '2001:db8:2::9',
      '2001:db8:2::1',
    ],
    [
      'the first of those that share as much',
      [
        ['2001:db8:1::1', 'preferred'],
        ['2001:db8:1::2', 'preferred'],
      ],
      '2001:db9::',
      '2001:db8:1::1',
    ],
  ])('%s', (_, addresses, destination, expected) => {
    const source = having(...addresses).sourceTowards(ip6(destination));
    expect(source === null ? null : formatIpv6(source)).toBe(expected);
  });
});

it('a group that two addresses share is listened to until both are gone', () => {
  const out = having(['2001:db8:1::1', 'preferred'], ['2001:db8:2::1', 'preferred']);
  const group = solicitedNodeOf(1n);
  const [one, other] = out.addresses;
  if (!one || !other) throw new Error('an address is missing');
  out.withdraw(one, 'test');
  expect(out.isListening(group)).toBe(true);
  out.withdraw(other, 'test');
  expect(out.isListening(group)).toBe(false);
});
