/** `setTimeout` and its kin, as globals, in `timers` and in `timers/promises`; `AbortSignal.timeout`. */

import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import { promisify } from 'node:util';
import { replace } from './replace.ts';
import { currentScope } from './scope.ts';
import { VirtualTimeout, virtualTimeoutOf } from './virtual-timers.ts';

export function patchTimers(): void {
  for (const target of [globalThis, timers]) {
    for (const [name, repeats] of [
      ['setTimeout', false],
      ['setInterval', true],
    ] as const) {
      replace(
        target,
        name,
        (original) =>
          function (this: unknown, callback, delay, ...args) {
            const scope = currentScope();
            if (!scope) return original.call(this, callback, delay, ...args);
            // Node's own message for what is no function.
            if (typeof callback !== 'function') return original.call(this, callback);
            return new VirtualTimeout(scope.timers, () => callback(...args), Number(delay ?? 1), repeats);
          },
      );
    }
    for (const name of ['clearTimeout', 'clearInterval']) {
      replace(
        target,
        name,
        (original) =>
          function (this: unknown, handle) {
            const timer = virtualTimeoutOf(handle);
            if (timer) timer.close();
            else original.call(this, handle);
          },
      );
    }
    replace(target, 'setImmediate', countImmediates);
  }
  patchPromises();
  patchAbortSignal();
}

type Plain = (this: unknown, ...args: unknown[]) => unknown;

/** They stay Node's, in Node's order; virtual time waits for them. A cleared one is waited for until it would have run. */
function countImmediates(original: Plain): Plain {
  return function (this: unknown, callback, ...args) {
    const scope = currentScope();
    if (!scope || typeof callback !== 'function') return original.call(this, callback, ...args);
    scope.immediates++;
    original.call(this, () => {
      scope.immediates--;
    });
    return original.call(this, callback, ...args);
  };
}

interface WaitOptions {
  readonly signal?: AbortSignal;
}

function patchPromises(): void {
  replace(timersPromises, 'setTimeout', waiting);
  replace(timersPromises.scheduler, 'wait', (original) => {
    const wait = waiting((ms, _value, options) => original.call(timersPromises.scheduler, ms, options));
    return (ms, options) => wait.call(null, ms, undefined, options);
  });
  replace(
    timersPromises,
    'setInterval',
    (original) =>
      function (this: unknown, delay, value, options) {
        const scope = currentScope();
        if (!scope) return original.call(this, delay, value, options);
        return ticks(Number(delay ?? 1), value, (options as WaitOptions | undefined)?.signal);
      },
  );
  for (const target of [globalThis, timers]) {
    Object.defineProperty(target.setTimeout, promisify.custom, {
      value: timersPromises.setTimeout,
      configurable: true,
    });
  }
}

function waiting(original: Plain): Plain {
  return function (this: unknown, delay, value, options) {
    const scope = currentScope();
    if (!scope) return original.call(this, delay, value, options);
    const { signal } = (options ?? {}) as WaitOptions;
    return new Promise((resolve, reject) => {
      const fail = () => reject(abortError(signal));
      if (signal?.aborted) {
        fail();
        return;
      }
      const timer = new VirtualTimeout(scope.timers, () => resolve(value), Number(delay ?? 1), false);
      signal?.addEventListener('abort', () => {
        timer.close();
        fail();
      });
    });
  };
}

async function* ticks(delayMs: number, value: unknown, signal: AbortSignal | undefined): AsyncGenerator<unknown> {
  for (;;) {
    await timersPromises.setTimeout(delayMs, undefined, signal ? { signal } : {});
    yield value;
  }
}

function abortError(signal: AbortSignal | undefined): Error {
  const error = new Error('The operation was aborted', { cause: signal?.reason });
  error.name = 'AbortError';
  return Object.assign(error, { code: 'ABORT_ERR' });
}

function patchAbortSignal(): void {
  replace(
    AbortSignal,
    'timeout',
    (original) =>
      function (this: unknown, delay) {
        const scope = currentScope();
        if (!scope) return original.call(this, delay);
        const controller = new AbortController();
        const abort = () =>
          controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
        new VirtualTimeout(scope.timers, abort, Number(delay), false);
        return controller.signal;
      },
  );
}
