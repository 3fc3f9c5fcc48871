/** Messages of Neighbour Discovery that a host must not believe, or only in part (RFC 4861, 4862). */

import { describe, expect, it } from 'vitest';
import { discovering, GROUP, OWN, octets, ROUTER } from './rig.ts';

const MAC = '0101 020000000009';
const PREFIX_NET = '2001:db8:1::';
const HOST = '2001:db8:1::ff:fe00:1';

/** A host that is up. */
function host() {
  const made = discovering();
  made.start();
  made.run(3);
  return made;
}

interface Said {
  readonly hopLimit?: number;
  readonly lifetime?: number;
  readonly reachableMs?: number;
  readonly retransMs?: number;
  readonly options?: string;
}

const number = (value: number, octetCount: number) => value.toString(16).padStart(2 * octetCount, '0');
const advertisement = ({ hopLimit = 64, lifetime = 1800, reachableMs = 0, retransMs = 0, options = MAC }: Said = {}) =>
  `${number(hopLimit, 1)} 00 ${number(lifetime, 2)} ${number(reachableMs, 4)} ${number(retransMs, 4)} ${options}`;
const prefix = (valid: number, preferred: number, flags = 'c0', net = PREFIX_NET, length = 64) =>
  `0304 ${number(length, 1)} ${flags} ${number(valid, 4)} ${number(preferred, 4)} 00000000 ${octets(net)}`;

describe('a message that is void', () => {
  it.each<[string, number, string, Parameters<ReturnType<typeof discovering>['hear']>[2], string]>([
    [
      'of a hop limit below 255',
      135,
      `00000000 ${octets(OWN)}`,
      { from: ROUTER, hopLimit: 254 },
      'its hop limit is not 255: it may come from another link',
    ],
    ['of another code', 135, `00000000 ${octets(OWN)}`, { from: ROUTER, code: 1 }, 'its code is not 0'],
    ['without its target', 135, '00000000 fe80', { from: ROUTER }, 'it is too short'],
    [
      'with an option of length zero',
      135,
      `00000000 ${octets(OWN)} 0100 020000000009`,
      { from: ROUTER },
      'an option of length zero',
    ],
    [
      'about a group',
      135,
      `00000000 ${octets(GROUP)}`,
      { from: ROUTER },
      `${GROUP} is a group and can be no neighbour`,
    ],
    [
      'that checks for duplicates and says who it is',
      135,
      `00000000 ${octets(OWN)} ${MAC}`,
      { from: '::', to: GROUP },
      'it comes from nowhere and names a MAC address',
    ],
    [
      'that checks for duplicates with one host',
      135,
      `00000000 ${octets(OWN)}`,
      { from: '::' },
      'a check for duplicates goes to the solicited-node group',
    ],
    [
      'that answers everybody',
      136,
      `40000000 ${octets(ROUTER)}`,
      { from: ROUTER, to: 'ff02::1' },
      'an answer is not sent to a group',
    ],
    [
      'that advertises a router from elsewhere',
      134,
      advertisement(),
      { from: '2001:db8::9' },
      'a router advertises from its link-local address',
    ],
    [
      'that redirects',
      137,
      `00000000 ${octets(ROUTER)} ${octets('2001:db8::7')}`,
      { from: ROUTER },
      'redirects are not followed here',
    ],
  ])('%s', (_, type, rest, heard, why) => {
    const { hear, drops } = host();
    const before = drops().length;
    hear(type, rest, heard);
    expect(drops().slice(before)).toEqual([why]);
  });
});

describe('a solicitation', () => {
  it('for us is answered, with or without the MAC address of whoever asks', () => {
    const { hear, run, rows, sent } = host();
    hear(135, `00000000 ${octets(OWN)} ${MAC}`, { from: ROUTER, to: GROUP });
    expect(rows('neighbours', 'state')).toEqual([`${ROUTER} STALE`, `${ROUTER} DELAY`]);
    hear(135, `00000000 ${octets(OWN)}`, { from: ROUTER });
    run(1);
    expect(sent.filter((each) => each.endsWith(' 136'))).toHaveLength(2);
  });

  it('that checks whether anybody has our address is answered to all', () => {
    const { hear, run, sent } = host();
    hear(135, `00000000 ${octets(OWN)}`, { from: '::', to: GROUP });
    run(1);
    expect(sent.at(-1)).toMatch(/ 136$/);
  });

  it('for others, and for an address that another has, is not', () => {
    const { hear, run, sent } = host();
    hear(135, `00000000 ${octets('fe80::7')} ${MAC}`, { from: ROUTER, to: GROUP });
    run(1);
    expect(sent.some((each) => each.endsWith(' 136'))).toBe(false);
  });
});

describe('while an address is checked (RFC 4862 section 5.4)', () => {
  it.each([
    ['whoever checks it too', 135, `00000000 ${octets(OWN)}`, '::', GROUP, 'duplicate'],
    ['whoever has it', 136, `20000000 ${octets(OWN)} 0201 020000000009`, OWN, 'ff02::1', 'duplicate'],
    ['whoever asks for it', 135, `00000000 ${octets(OWN)} ${MAC}`, ROUTER, GROUP, 'preferred'],
  ])('%s decides', (_, type, rest, from, to, state) => {
    const { hear, run, states, start, sent } = discovering();
    start();
    run(0.001);
    hear(type, rest, { from, to });
    run(5);
    expect(states()).toEqual([`${OWN} ${state}`]);
    // Without a link-local address nobody asks for routers, or answers to the address that another has.
    expect(sent.some((each) => each.endsWith(' 133'))).toBe(state === 'preferred');
    const before = sent.length;
    hear(135, `00000000 ${octets(OWN)}`, { from: ROUTER, to: GROUP });
    hear(134, advertisement({ options: MAC + prefix(7200, 3600) }), { from: ROUTER });
    run(5);
    expect(sent.length > before).toBe(state === 'preferred');
  });
});

describe('an advertisement of a router', () => {
  it('says what to use: hop limit, times, MTU', () => {
    const { hear, out, neighbours } = host();
    hear(134, advertisement({ hopLimit: 9, reachableMs: 1000, retransMs: 500, options: `${MAC} 0501 0000 00000578` }), {
      from: ROUTER,
    });
    expect([out.hopLimit, neighbours.retransNs, out.mtuBytes]).toEqual([9, 500_000_000, 1400]);
    hear(134, advertisement({ hopLimit: 0, reachableMs: 1000, options: '0501 0000 00000100' }), { from: ROUTER });
    expect([out.hopLimit, neighbours.retransNs, out.mtuBytes]).toEqual([9, 500_000_000, 1400]);
  });

  it('makes it the default router, and no more when it says so', () => {
    const { hear, rows } = host();
    hear(134, advertisement(), { from: ROUTER });
    hear(134, advertisement({ lifetime: 0 }), { from: ROUTER });
    expect(rows('routes', 'via').filter((each) => each.startsWith('::/0'))).toEqual([`::/0 ${ROUTER}`, '::/0 gone']);
  });

  it('who says that it is a host is one no more (RFC 4861 section 7.3.3)', () => {
    const { hear, rows } = host();
    hear(134, advertisement(), { from: ROUTER });
    hear(136, `e0000000 ${octets(ROUTER)} 0201 020000000009`, { from: ROUTER });
    hear(136, `60000000 ${octets(ROUTER)} 0201 020000000009`, { from: ROUTER });
    expect(rows('routes', 'via').at(-1)).toBe('::/0 gone');
  });

  it.each([
    ['on the link and to be used', prefix(7200, 3600), [HOST], true],
    ['on the link only', prefix(7200, 3600, '80'), [], true],
    ['to be used only', prefix(7200, 3600, '40'), [HOST], false],
    ['for ever', prefix(0xffffffff, 0xffffffff), [HOST], true],
    ['that is over', prefix(0, 0), [], false],
    ['preferred for longer than it is valid', prefix(3600, 7200), [], true],
    ['of another length', prefix(7200, 3600, 'c0', PREFIX_NET, 56), [], true],
    ['of the link itself', prefix(7200, 3600, 'c0', 'fe80::'), [], false],
  ])('with a prefix %s', (_, option, made, isOnLink) => {
    const { hear, run, out, rows } = host();
    hear(134, advertisement({ options: option }), { from: ROUTER });
    run(3);
    expect(out.addresses.slice(1).map(({ address }) => address.toString(16))).toEqual(
      made.map((text) => octets(text).replace(/^0+/, '')),
    );
    expect(rows('routes', 'via').some((each) => /^2001:db8:1?::?\/|^2001:db8:/.test(each))).toBe(isOnLink);
  });

  it('takes nothing away at once: two hours stay (RFC 4862 section 5.5.3)', () => {
    const { hear, run, states } = host();
    hear(134, advertisement({ options: prefix(100_000, 50_000) }), { from: ROUTER });
    run(3);
    hear(134, advertisement({ options: prefix(60, 30) }), { from: ROUTER });
    run(31);
    expect(states().at(-1)).toBe(`${HOST} deprecated`);
    hear(134, advertisement({ options: prefix(60, 30) }), { from: ROUTER });
    expect(states().at(-1)).toBe(`${HOST} preferred`);
    run(7100);
    expect(states().at(-1)).toBe(`${HOST} deprecated`);
    run(200);
    expect(states()).toEqual([`${OWN} preferred`]);
  });

  it('does not shorten what is left below two hours, and lengthens it', () => {
    const { hear, run, states } = host();
    hear(134, advertisement({ options: prefix(3600, 1800) }), { from: ROUTER });
    run(3);
    hear(134, advertisement({ options: prefix(60, 30) }), { from: ROUTER });
    run(3500);
    expect(states().at(-1)).toBe(`${HOST} deprecated`);
    hear(134, advertisement({ options: prefix(7000, 6000) }), { from: ROUTER });
    run(5000);
    expect(states().at(-1)).toBe(`${HOST} preferred`);
  });
});

describe('a router', () => {
  const OPTIONS = {
    preference: 'medium',
    lifetimeSeconds: 1800,
    validSeconds: 7200,
    preferredSeconds: 3600,
    everySeconds: 600,
  } as const;

  it('answers whoever asks for routers, once for all who ask at a time, and not too often', () => {
    const { hear, run, sent, rows } = discovering(OPTIONS);
    run(0.5);
    hear(133, `00000000 ${MAC}`, { from: ROUTER, to: 'ff02::2' });
    hear(133, '00000000', { from: '::', to: 'ff02::2' });
    expect(rows('neighbours', 'state')).toEqual([`${ROUTER} STALE`]);
    run(5);
    expect(sent).toHaveLength(2);
    expect(Number(sent[1]?.split(' ')[0])).toBeGreaterThanOrEqual(3);
  });

  it('does not listen to other routers', () => {
    const { hear, rows } = discovering(OPTIONS);
    hear(134, advertisement(), { from: ROUTER });
    expect(rows('routes', 'via')).toEqual([]);
  });

  it('says how large packets may be where that is not usual', () => {
    const { run, kernel } = discovering(OPTIONS, 1400);
    run(1);
    const messages = kernel.journal.entries.flatMap(({ event }) =>
      event.kind === 'encoded' && event.protocol === 'icmpv6' ? [Buffer.from(event.bytes).toString('hex')] : [],
    );
    expect(messages[0]).toContain('0501000000000578');
  });
});
