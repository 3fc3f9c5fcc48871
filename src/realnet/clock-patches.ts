/** `Date`, `performance` and `process.hrtime`: the clock of the host. */

import { performance as performanceOfNode } from 'node:perf_hooks';
import { replace } from './replace.ts';
import { currentScope, wallMs } from './scope.ts';

const RealDate = Date;

export function patchClock(): void {
  replace(RealDate, 'now', (original) => () => {
    const scope = currentScope();
    return scope ? wallMs(scope) : original.call(RealDate);
  });
  const HostDate = new Proxy(RealDate, {
    construct(target, args, newTarget) {
      const scope = args.length === 0 ? currentScope() : null;
      return Reflect.construct(target, scope ? [wallMs(scope)] : args, newTarget) as object;
    },
    apply(target) {
      const scope = currentScope();
      return scope ? new target(wallMs(scope)).toString() : target();
    },
  });
  Object.defineProperty(RealDate.prototype, 'constructor', { value: HostDate, writable: true, configurable: true });
  Object.defineProperty(globalThis, 'Date', { value: HostDate, writable: true, configurable: true });
  patchPerformance();
  patchProcess();
}

function patchPerformance(): void {
  const prototype = Object.getPrototypeOf(performanceOfNode) as object;
  replace(
    prototype,
    'now',
    (original) =>
      function (this: unknown) {
        const scope = currentScope();
        return scope ? scope.nowNs / 1e6 : original.call(this);
      },
  );
  // Undici and others keep a bound copy of it in a property of the object itself.
  if (Object.hasOwn(performanceOfNode, 'now')) Reflect.deleteProperty(performanceOfNode, 'now');
}

function patchProcess(): void {
  const realBigint = process.hrtime.bigint;
  replace(process, 'hrtime', (original) => (before) => {
    const scope = currentScope();
    if (!scope) return original.call(process, before);
    const [seconds, ns] = [Math.floor(scope.nowNs / 1e9), scope.nowNs % 1e9];
    if (!Array.isArray(before)) return [seconds, ns];
    const [s0, ns0] = before as [number, number];
    return ns < ns0 ? [seconds - s0 - 1, ns - ns0 + 1e9] : [seconds - s0, ns - ns0];
  });
  process.hrtime.bigint = () => {
    const scope = currentScope();
    return scope ? BigInt(scope.nowNs) : realBigint();
  };
  replace(process, 'uptime', (original) => () => {
    const scope = currentScope();
    return scope ? scope.nowNs / 1e9 : original.call(process);
  });
}
