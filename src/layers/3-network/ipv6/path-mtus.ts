import type { Context } from '../../../kernel/context.ts';
import type { Nanos } from '../../../kernel/journal.ts';
import { formatIpv6, type Ipv6 } from '../../../wire/address.ts';
import { LEAST_MTU_BYTES } from './header.ts';

/** RFC 8201 section 4: not to be tried again before 5 minutes are over; ten are recommended. */
const LIFETIME_NS: Nanos = 600 * 1_000_000_000;

/** What "packet too big" said about the paths of a host (RFC 8201): datagrams beyond it are cut at their source. */
export class PathMtus {
  readonly #context: Context;
  readonly #known = new Map<Ipv6, { readonly mtuBytes: number; readonly untilNs: Nanos }>();

  constructor(context: Context) {
    this.#context = context;
  }

  within(linkBytes: number, destination: Ipv6): number {
    if (this.#known.size === 0) return linkBytes;
    const known = this.#known.get(destination);
    if (!known) return linkBytes;
    if (this.#context.nowNs < known.untilNs) return Math.min(linkBytes, known.mtuBytes);
    this.#known.delete(destination);
    this.#tell(destination, null, 'its ten minutes are over: a larger one may be tried (RFC 8201)');
    return linkBytes;
  }

  /** Nothing below 1280 is believed (RFC 8201 section 4), and no increase. */
  learn(destination: Ipv6, saidBytes: number, nowBytes: number, because: string): void {
    const mtuBytes = Math.max(saidBytes, LEAST_MTU_BYTES);
    if (mtuBytes >= nowBytes) return;
    this.#known.set(destination, { mtuBytes, untilNs: this.#context.nowNs + LIFETIME_NS });
    this.#tell(destination, mtuBytes, because);
  }

  #tell(destination: Ipv6, mtuBytes: number | null, because: string): void {
    if (!this.#context.recording) return;
    const change = {
      table: 'path-mtu',
      key: formatIpv6(destination),
      row: mtuBytes === null ? null : { mtu: mtuBytes },
      because,
    };
    this.#context.record({ kind: 'table', layer: 3, protocol: 'ipv6', change });
  }
}
