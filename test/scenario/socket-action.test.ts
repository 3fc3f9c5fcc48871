/** The action `socket`: what may be written, and what is said of what may not. */

import { describe, expect, it } from 'vitest';
import type { SocketCall } from '../../src/scenario/socket-spec.ts';
import { socketCallFile } from '../../src/scenario/socket-spec.ts';
import { PAIR, problemsOf, scenarioOf } from './loading.ts';

const act = (call: string) => `${PAIR}timeline: [{ at: 0s, node: a, do: { socket: { ${call} } } }]\n`;
const messagesOf = (call: string) => problemsOf(act(call)).map(({ code, message }) => `${code} ${message}`);

const CALLS: readonly SocketCall[] = [
  { name: 'listen', as: 'web', port: 80 },
  { name: 'bind', as: 'dns', port: 0 },
  { name: 'connect', as: 'c', to: { host: '10.0.0.2', port: 7 }, noDelay: false },
  { name: 'connect', as: 'c', to: { host: 'b', port: 7 }, noDelay: true },
  { name: 'lookup', as: 'n', host: 'b' },
  { name: 'write', on: 'web.1', bytes: new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n"\\') },
  { name: 'write', on: 'web.1', bytes: new TextEncoder().encode('$\u007bparameter}') },
  { name: 'write', on: 'web.1', bytes: new Uint8Array([0, 128, 255]) },
  { name: 'write', on: 'web.1', bytes: new Uint8Array(0) },
  { name: 'send', on: 'dns', to: { host: 'b', port: 53 }, bytes: new Uint8Array([1]) },
  ...(['end', 'close', 'abort', 'pause', 'resume', 'no-delay'] as const).map((name) => ({ name, on: 'web.1' })),
];

describe('the action socket', () => {
  it.each(CALLS)('reads back what $name was written as', (call) => {
    const scenario = scenarioOf(act(JSON.stringify(socketCallFile(call)).slice(1, -1)));
    expect(scenario.timeline.map(({ action }) => action)).toEqual([{ kind: 'socket', node: 'a', call }]);
  });

  it.each([
    ['on: c', 'PW0302 there is no call'],
    ['listen: 80', 'PW0302 the key `as` is missing'],
    ['text: x', 'PW0302 the key `on` is missing'],
    ['on: c, end: true, close: true', 'PW0307 `close` does not go together with `end`'],
    ['on: c, base64: "AAA"', 'PW0309 this is not Base64'],
    ['on: c, text: "ä"', 'PW0309 characters beyond ASCII'],
    ['on: 9c, end: true', "PW0401 a socket's name begins with a letter"],
  ])('%s: %s', (call, message) => {
    expect(messagesOf(call).join('\n')).toContain(message);
  });
});
