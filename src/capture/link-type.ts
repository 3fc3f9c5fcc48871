/** The link types that can be read, by libpcap's numbers (draft-ietf-opsawg-pcaplinktype). */

const LINK_TYPES: ReadonlyMap<number, string> = new Map([
  [0, 'BSD loopback'],
  [1, 'Ethernet'],
  [12, 'raw IP'],
  [14, 'raw IP'],
  [101, 'raw IP'],
  [108, 'OpenBSD loopback'],
  [113, 'Linux cooked capture'],
  [228, 'raw IPv4'],
  [229, 'raw IPv6'],
  [276, 'Linux cooked capture version 2'],
]);

/** null: it is not read. */
export function linkTypeName(linkType: number): string | null {
  return LINK_TYPES.get(linkType) ?? null;
}

export function linkTypesRead(): string {
  return [...LINK_TYPES].map(([number, name]) => `${number} (${name})`).join(', ');
}
