/** A value for each machine of each node. It is asked for at every entry, so no key is put together for that. */
export class ByMachine<T> {
  readonly #nodes = new Map<string, Map<string, T>>();

  get(node: string, machine: string): T | undefined {
    return this.#nodes.get(node)?.get(machine);
  }

  set(node: string, machine: string, value: T): T {
    const machines = this.#nodes.get(node);
    if (machines) machines.set(machine, value);
    else this.#nodes.set(node, new Map([[machine, value]]));
    return value;
  }

  delete(node: string, machine: string): void {
    this.#nodes.get(node)?.delete(machine);
  }

  /** All of a node's are gone. */
  forget(node: string): void {
    this.#nodes.delete(node);
  }

  *[Symbol.iterator](): Generator<readonly [node: string, machine: string, value: T]> {
    for (const [node, machines] of this.#nodes) for (const [machine, value] of machines) yield [node, machine, value];
  }
}
