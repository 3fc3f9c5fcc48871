import { parseIpv6 } from '../wire/address.ts';
import { clipped } from './yaml-guard.ts';

/** What is wrong with a text that looks like an IPv6 address but is none; null when it is one, or looks like none. */
export function whyNoIpv6(text: string): { readonly message: string; readonly hint: string | null } | null {
  if (!text.includes(':') || parseIpv6(text) !== null) return null;
  if (!/^[0-9a-z:.%]+$/i.test(text) || !/::|:.*:/.test(text)) return null;
  if (text.includes('%')) {
    const hint = 'leave the zone out: an interface is found by who is on its link';
    return { message: 'a zone such as `%eth0` has no meaning here', hint };
  }
  if (text.includes(':::') || text.split('::').length > 2) {
    return { message: '`::` stands for a run of zero groups, and only once', hint: null };
  }
  const groups = text.split(':').filter((group) => group !== '');
  const bad = groups.find((group) => !/^[0-9a-f]{1,4}$/i.test(group) && !group.includes('.'));
  if (bad !== undefined) {
    const why = /^[0-9a-f]+$/i.test(bad) ? 'has more than four digits' : 'is not hexadecimal';
    return { message: `the group \`${clipped(bad)}\` ${why}`, hint: null };
  }
  if (groups.some((group) => group.includes('.'))) {
    return { message: 'an IPv4 address may stand in the place of the last two groups only', hint: null };
  }
  if (text.includes('::'))
    return { message: `there are ${groups.length} groups besides the \`::\`, at most 7`, hint: null };
  const hint = groups.length < 8 ? 'write `::` for the zeros that are left out' : null;
  return { message: `there are ${groups.length} groups instead of 8`, hint };
}
