/** The secrets of a run's TLS connections as a key log (the format of NSS, which Wireshark reads): who has it can decrypt. */

import type { Entry } from '../kernel/journal.ts';

/** Empty where nobody spoke TLS. Both ends know the secrets of a connection; each stands here once. */
export function keyLog(entries: readonly Entry[]): string {
  const lines = entries.flatMap(({ event }) =>
    event.kind === 'table' && event.change.table === 'tls.secrets' && event.change.row
      ? [`${event.change.key} ${event.change.row.secret}\n`]
      : [],
  );
  return [...new Set(lines)].join('');
}
