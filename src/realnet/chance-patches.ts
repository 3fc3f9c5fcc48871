/** `Math.random` and the randomness of `crypto`: named streams of the host, one for each API. */

import crypto from 'node:crypto';
import type { Rng } from '../kernel/rng.ts';
import { replace } from './replace.ts';
import { currentScope } from './scope.ts';

export function patchChance(): void {
  replace(Math, 'random', (original) => () => {
    const rng = currentScope()?.random('Math.random');
    // 53 bits, as V8 gives them.
    return rng ? ((rng.u32() >>> 5) * 67_108_864 + (rng.u32() >>> 6)) / 9_007_199_254_740_992 : original.call(Math);
  });
  patchBytes();
  patchNumbers();
  patchWebCrypto();
}

type Done = (error: Error | null, value?: unknown) => void;

/** A value at once, or for a callback as soon as the caller is done: no thread of the pool is asked. */
function answer(value: unknown, done: unknown): unknown {
  if (typeof done !== 'function') return value;
  process.nextTick(done as Done, null, value);
  return undefined;
}

function fill(view: ArrayBufferView, rng: Rng, offset = 0, size = view.byteLength - offset): ArrayBufferView {
  new Uint8Array(view.buffer, view.byteOffset + offset, size).set(rng.bytes(size));
  return view;
}

function patchBytes(): void {
  for (const name of ['randomBytes', 'pseudoRandomBytes']) {
    replace(crypto, name, (original) => (size, done) => {
      const rng = currentScope()?.random('crypto.randomBytes');
      if (!rng || typeof size !== 'number' || !(size >= 0)) return original.call(crypto, size, done);
      return answer(Buffer.from(rng.bytes(size)), done);
    });
  }
  for (const name of ['randomFillSync', 'randomFill']) {
    replace(crypto, name, (original) => (...args) => {
      const rng = currentScope()?.random('crypto.randomFill');
      const [view, offset, size] = args;
      if (!rng || !(ArrayBuffer.isView(view) || view instanceof ArrayBuffer)) return original.apply(crypto, args);
      const whole = ArrayBuffer.isView(view) ? view : new Uint8Array(view);
      const unit = (whole as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1;
      const from = typeof offset === 'number' ? offset * unit : 0;
      fill(whole, rng, from, typeof size === 'number' ? size * unit : whole.byteLength - from);
      return answer(
        view,
        args.find((each) => typeof each === 'function'),
      );
    });
  }
}

function patchNumbers(): void {
  replace(crypto, 'randomInt', (original) => (...args) => {
    const rng = currentScope()?.random('crypto.randomInt');
    const [low, high] = typeof args[1] === 'number' ? [Number(args[0]), args[1]] : [0, Number(args[0])];
    if (!rng || !(high > low)) return original.apply(crypto, args);
    return answer(
      low + rng.below(high - low),
      args.find((each) => typeof each === 'function'),
    );
  });
  replace(crypto, 'randomUUID', (original) => (options) => {
    const rng = currentScope()?.random('crypto.randomUUID');
    return rng ? uuid(rng) : original.call(crypto, options);
  });
}

/** Version 4 (RFC 9562 section 5.4). */
function uuid(rng: Rng): string {
  const bytes = Buffer.from(rng.bytes(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function patchWebCrypto(): void {
  const prototype = Object.getPrototypeOf(crypto.webcrypto) as object;
  replace(
    prototype,
    'getRandomValues',
    (original) =>
      function (this: unknown, view) {
        const rng = currentScope()?.random('crypto.getRandomValues');
        return rng && ArrayBuffer.isView(view) ? fill(view, rng) : original.call(this, view);
      },
  );
  replace(crypto, 'getRandomValues', (original) => (view) => {
    const rng = currentScope()?.random('crypto.getRandomValues');
    return rng && ArrayBuffer.isView(view) ? fill(view, rng) : original.call(crypto, view);
  });
  replace(
    prototype,
    'randomUUID',
    (original) =>
      function (this: unknown) {
        const rng = currentScope()?.random('crypto.randomUUID');
        return rng ? uuid(rng) : original.call(this);
      },
  );
}
