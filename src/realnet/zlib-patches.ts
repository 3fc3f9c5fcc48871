/**
 * Compression on a simulated host happens at once and not on a thread, whose end would come at a moment that nobody can
 * foretell. Every stream and every callback of `zlib` ends in its handle's `write`; there it is made synchronous.
 */

import zlib from 'node:zlib';
import { currentScope } from './scope.ts';

interface Handle {
  init(...args: unknown[]): unknown;
  write(...args: unknown[]): unknown;
  writeSync(...args: unknown[]): unknown;
}

type Made = { readonly _handle: object; close(): void };

export function patchZlib(): void {
  const made = [zlib.createDeflateRaw(), zlib.createBrotliCompress(), zlib.createBrotliDecompress()];
  if ('createZstdCompress' in zlib && 'createZstdDecompress' in zlib) {
    const { createZstdCompress, createZstdDecompress } = zlib as unknown as Record<string, () => unknown>;
    made.push(createZstdCompress?.() as never, createZstdDecompress?.() as never);
  }
  const prototypes = new Set<object>();
  for (const stream of made as unknown as Made[]) {
    prototypes.add(Object.getPrototypeOf(stream._handle) as object);
    stream.close();
  }
  for (const prototype of prototypes) makeSynchronous(prototype as Handle);
}

/** What a handle calls when a write is done. */
const afterWrite = new WeakMap<object, () => void>();

function makeSynchronous(prototype: Handle): void {
  const { init, write } = prototype;
  prototype.init = function (this: Handle, ...args) {
    const callback = args.find((each) => typeof each === 'function');
    if (callback) afterWrite.set(this, callback as () => void);
    return init.apply(this, args);
  };
  prototype.write = function (this: Handle, ...args) {
    const callback = afterWrite.get(this);
    if (!callback || !currentScope()) return write.apply(this, args);
    this.writeSync(...args);
    process.nextTick(() => callback.call(this));
    return undefined;
  };
}
