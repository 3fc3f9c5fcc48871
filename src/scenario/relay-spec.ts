/** What a scenario says of what stands between clients and servers of HTTP: proxies and load balancers. */

import type { Nanos } from '../kernel/journal.ts';
import type { Remote } from './scenario.ts';
import type { ServerTlsSpec } from './tls-spec.ts';

export interface RelayApp {
  readonly kind: 'proxy' | 'load-balancer';
  readonly name: string;
  readonly port: number;
  /** At least one; a proxy has just one. */
  readonly to: readonly Remote[];
  readonly policy: 'round-robin' | 'sticky';
  readonly idleNs: Nanos;
  /** Towards clients; left out: plain TCP. Towards servers it is always plain. */
  readonly tls?: ServerTlsSpec;
}
