import type { Context } from '../../../kernel/context.ts';
import { authorityText, formatIp, type IpAddress } from '../../../wire/address.ts';

/** A server behind a proxy: a name or an address, and a port. */
export interface Upstream {
  readonly host: string;
  readonly port: number;
}

/**
 * `round-robin`: each request goes to the next one. `sticky`: a client address that is new gets the next one and keeps
 * it, as with a stick table; clients behind one NAT share theirs.
 */
export type Policy = 'round-robin' | 'sticky';

/** The servers behind a proxy, and whose turn it is. */
export class Upstreams {
  readonly #context: Context;
  readonly #name: string;
  readonly #all: readonly Upstream[];
  readonly #policy: Policy;
  readonly #stuck = new Map<IpAddress, number>();
  #turn = 0;

  /** `name`: the application's. `all`: at least one. */
  constructor(context: Context, name: string, all: readonly Upstream[], policy: Policy) {
    this.#context = context;
    this.#name = name;
    this.#all = all;
    this.#policy = policy;
  }

  /** Whom to ask for a client: the one that is chosen, then the others, for when it cannot be reached. */
  inOrderFor(client: IpAddress): readonly Upstream[] {
    const chosen = this.#policy === 'sticky' ? this.#stuckFor(client) : this.#next();
    return [...this.#all.slice(chosen), ...this.#all.slice(0, chosen)];
  }

  #stuckFor(client: IpAddress): number {
    const known = this.#stuck.get(client);
    if (known !== undefined) return known;
    const chosen = this.#next();
    this.#stuck.set(client, chosen);
    const { host, port } = this.#all[chosen] as Upstream;
    const row = { upstream: authorityText(host, port) };
    const change = { table: `${this.#name}.sticky`, key: formatIp(client), row, because: 'its first request' };
    if (this.#context.recording) this.#context.record({ kind: 'table', layer: 7, protocol: 'http', change });
    return chosen;
  }

  #next(): number {
    const chosen = this.#turn;
    this.#turn = (chosen + 1) % this.#all.length;
    return chosen;
  }
}
