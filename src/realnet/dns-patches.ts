/** `dns`: the names of the scenario's nodes, and what its name servers know, asked over the simulated network. */

import dns from 'node:dns';
import promises from 'node:dns/promises';
import { isIP } from 'node:net';
import { replace } from './replace.ts';
import { currentScope, type HostScope } from './scope.ts';

type Found = (error: Error | null, address?: unknown, family?: number) => void;

export function patchDns(): void {
  replace(dns, 'lookup', (original) => (name, options, done) => {
    const scope = currentScope();
    if (!scope) return original.call(dns, name, options, done);
    const callback = (typeof options === 'function' ? options : done) as Found;
    const wantsAll = typeof options === 'object' && (options as { all?: boolean } | null)?.all === true;
    scope.net.lookUp(String(name ?? ''), (error, address) => {
      if (error) callback(error);
      else if (wantsAll) callback(null, [{ address, family: isIP(address) }]);
      else callback(null, address, isIP(address));
    });
    return undefined;
  });
  replace(promises, 'lookup', (original) => (name, options) => {
    const scope = currentScope();
    if (!scope) return original.call(promises, name, options);
    return find(scope, String(name)).then((address) => {
      const answer = { address, family: isIP(address) };
      return (options as { all?: boolean } | undefined)?.all ? [answer] : answer;
    });
  });
  for (const kind of ['resolve', 'resolve4']) {
    replace(dns, kind, (original) => (name, ...rest) => {
      const scope = currentScope();
      const done = rest.at(-1) as Found;
      const isA = kind === 'resolve4' || typeof rest[0] !== 'string' || rest[0] === 'A';
      if (!scope || !isA) return original.call(dns, name, ...rest);
      scope.net.lookUp(String(name), (error, address) => (error ? done(error) : done(null, [address])));
      return undefined;
    });
    replace(promises, kind, (original) => (name, ...rest) => {
      const scope = currentScope();
      const isA = kind === 'resolve4' || rest[0] === undefined || rest[0] === 'A';
      if (!scope || !isA) return original.call(promises, name, ...rest);
      return find(scope, String(name)).then((address) => [address]);
    });
  }
}

function find(scope: HostScope, name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    scope.net.lookUp(name, (error, address) => (error ? reject(error) : resolve(address)));
  });
}
