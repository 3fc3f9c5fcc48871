/**
 * The receiving half of a session (MQTT 3.1.1 section 4.3.3): the packet identifiers of QoS 2 messages that came and are
 * not released yet. As long as one is here, a PUBLISH with it is the same message once more.
 */

import type { DiskFile } from '../disk.ts';

export class Incoming {
  readonly #file: DiskFile<true> | null;
  readonly #ids = new Set<number>();

  /** `file` null: nothing of it outlives a crash. */
  constructor(file: DiskFile<true> | null) {
    this.#file = file;
    for (const key of file?.records.keys() ?? []) this.#ids.add(Number(key));
  }

  get size(): number {
    return this.#ids.size;
  }

  has(id: number): boolean {
    return this.#ids.has(id);
  }

  /** True: it is new, and is remembered from now on. False: it is here already, a duplicate. */
  accept(id: number): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    this.#file?.put(String(id), true);
    return true;
  }

  /** PUBREL: false when it was not here. */
  release(id: number): boolean {
    this.#file?.delete(String(id));
    return this.#ids.delete(id);
  }

  clear(): void {
    for (const id of [...this.#ids]) this.release(id);
  }
}
