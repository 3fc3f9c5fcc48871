/**
 * What a node writes to its disk, and finds there again when it starts after a crash. The world keeps the disk; the
 * machines of the node come and go.
 *
 * Deviation: a write takes no time and is whole or did not happen, as with a journaling store that is synchronized
 * before anything is answered. So what is written in one event of the simulation is written together.
 */
export class Disk {
  readonly #files = new Map<string, DiskFile<unknown>>();

  /** The file of that name, empty when it is new. All who open it must agree on what stands in it. */
  file<T>(name: string): DiskFile<T> {
    let file = this.#files.get(name);
    if (!file) {
      file = new DiskFile();
      this.#files.set(name, file);
    }
    return file as DiskFile<T>;
  }

  remove(name: string): void {
    this.#files.delete(name);
  }
}

/** Records by key, in the order in which their keys were first written. A record is a value: replaced, never changed. */
export class DiskFile<T> {
  readonly #records = new Map<string, T>();

  get records(): ReadonlyMap<string, T> {
    return this.#records;
  }

  put(key: string, record: T): void {
    this.#records.set(key, Object.freeze(record));
  }

  delete(key: string): void {
    this.#records.delete(key);
  }
}
