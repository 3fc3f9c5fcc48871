import type { Ledger } from './ledger.ts';

/** Connections of one kind that people open by name; a second one of a name takes the first one's place. */
export class NamedConnections<T extends { readonly isOver: boolean }> {
  readonly #ledger: Ledger;
  /** In a sentence: `WebSocket`. */
  readonly #kind: string;
  readonly #byName = new Map<string, T>();

  constructor(ledger: Ledger, kind: string) {
    this.#ledger = ledger;
    this.#kind = kind;
  }

  set(as: string, connection: T): void {
    this.#byName.set(as, connection);
  }

  /**
   * The connection that an action is about. Without a name it is the only one of the node, or the only one that is not
   * over. Null, and told: there is none, or more than one.
   */
  find(on: string | null, action: string): T | null {
    if (on !== null) {
      const connection = this.#byName.get(on);
      if (!connection) this.#ledger.told(action, `there is no ${this.#kind} called ${on}`);
      return connection ?? null;
    }
    const all = [...this.#byName.values()];
    const open = all.filter(({ isOver }) => !isOver);
    const [only, another] = open.length > 0 ? open : all;
    if (only && !another) return only;
    this.#ledger.told(action, another ? 'there are several: say which with on' : `there is no ${this.#kind}`);
    return null;
  }
}
