/** What of `http` and `fetch` would leave a host: pools that hosts share, and a cached date. */

import http from 'node:http';
import { replace } from './replace.ts';
import { currentScope, type HostScope, wallMs } from './scope.ts';

export function patchHttp(): void {
  patchAgent();
  patchDate();
}

/** One agent may serve several hosts (the global one does): each has its own connections in it. */
function patchAgent(): void {
  replace(
    http.Agent.prototype,
    'getName',
    (original) =>
      function (this: unknown, ...args) {
        const name = original.apply(this, args);
        const scope = currentScope();
        return scope ? `${String(name)}:${scope.net.identity}` : name;
      },
  );
}

/** Node keeps the text of the current second from its own clock; a host's response gets its host's. */
function patchDate(): void {
  const prototype = http.OutgoingMessage.prototype as unknown as object;
  replace(
    prototype,
    '_storeHeader',
    (original) =>
      function (this: unknown, firstLine, headers) {
        const scope = currentScope();
        const message = this as http.OutgoingMessage & { sendDate?: boolean };
        if (!scope || !message.sendDate || message.hasHeader('date') || namesDate(headers)) {
          return original.call(this, firstLine, headers);
        }
        message.sendDate = false;
        const date = new Date(wallMs(scope)).toUTCString();
        return original.call(this, `${String(firstLine)}Date: ${date}\r\n`, headers);
      },
  );
}

function namesDate(headers: unknown): boolean {
  if (typeof headers !== 'object' || headers === null) return false;
  const names = Array.isArray(headers) ? headers.flat() : Object.keys(headers);
  return names.some((name) => String(name).toLowerCase() === 'date');
}

/** Where undici, Node's own and the package, keeps the dispatcher of a whole process. */
const DISPATCHER = Symbol.for('undici.globalDispatcher.1');

interface Dispatcher {
  dispatch(options: unknown, handler: unknown): boolean;
  destroy(): Promise<void>;
}

/** Lets `fetch` on a host go through a pool of the host's own. To be called before code on a host fetches. */
export function routeFetch(): void {
  // Node loads its undici when one of its classes is first asked for.
  void globalThis.Response;
  const holder = globalThis as unknown as Record<symbol, (Dispatcher & { isRouted?: boolean }) | undefined>;
  const real = holder[DISPATCHER];
  if (!real || real.isRouted) return;
  const Agent = real.constructor as new () => Dispatcher;
  holder[DISPATCHER] = new Proxy(real, {
    get(target, name) {
      if (name === 'isRouted') return true;
      if (name === 'dispatch') {
        return (options: unknown, handler: unknown) => {
          const scope = currentScope();
          if (!scope) return target.dispatch(options, handler);
          scope.dispatcher ??= new Agent();
          return (scope.dispatcher as Dispatcher).dispatch(options, handler);
        };
      }
      const value = Reflect.get(target, name) as unknown;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** The simulation is over. */
export function closeFetch(scope: HostScope): void {
  const dispatcher = scope.dispatcher as Dispatcher | null;
  scope.dispatcher = null;
  dispatcher?.destroy().catch(() => {});
}
