/** The action `socket`: one call of a real program. */

import type { ActionSource } from './action-source.ts';
import { spotOf } from './action-source.ts';
import type { Checks } from './checks.ts';
import type { Remote } from './scenario.ts';
import type { DoFile } from './schema/timeline.ts';
import { PLAIN_CALLS, type SocketAction, type SocketCall } from './socket-spec.ts';
import { spotAt } from './tree.ts';

type SocketFile = NonNullable<DoFile['socket']>;

/** What a call is recognised by; `to` and `no-delay` stand beside others. */
const OPENERS = ['listen', 'connect', 'bind', 'lookup'] as const;
const CALLS = [...OPENERS, 'text', 'base64', ...PLAIN_CALLS] as const;

/** null when something about it is wrong; that has been reported. */
export function socketActionOf(source: ActionSource, checks: Checks): SocketAction | null {
  const { file, node, tree, path } = source;
  const given = file.socket;
  if (given === undefined) return null;
  const whole = { ...spotAt(tree, path), length: 1 };
  const named = CALLS.filter((name) => given[name] !== undefined && !(name === 'no-delay' && given.connect));
  const [name, second] = named;
  if (name === undefined) {
    checks.problems.error(whole, 'PW0302', `there is no call; calls are: ${CALLS.join(', ')}`);
    return null;
  }
  if (second !== undefined) {
    checks.problems.error(spotOf(source, second), 'PW0307', `\`${second}\` does not go together with \`${name}\``);
    return null;
  }
  const needed = (OPENERS as readonly string[]).includes(name) ? 'as' : 'on';
  const subject = given[needed];
  if (subject === undefined) {
    checks.problems.error(whole, 'PW0302', `the key \`${needed}\` is missing: which socket?`);
    return null;
  }
  const call = callOf(source, name, subject, given, checks);
  return call && { kind: 'socket', node: node.name, call };
}

function callOf(
  source: ActionSource,
  name: (typeof CALLS)[number],
  subject: string,
  given: SocketFile,
  checks: Checks,
): SocketCall | null {
  switch (name) {
    case 'listen':
    case 'bind':
      return { name, as: subject, port: given[name] ?? 0 };
    case 'connect':
      return { name, as: subject, to: given.connect as Remote, noDelay: given['no-delay'] === true };
    case 'lookup':
      return { name, as: subject, host: given.lookup ?? '' };
    case 'text':
    case 'base64': {
      const bytes = contentOf(source, given, checks);
      if (bytes === null) return null;
      return given.to ? { name: 'send', on: subject, to: given.to, bytes } : { name: 'write', on: subject, bytes };
    }
    default:
      return { name, on: subject };
  }
}

function contentOf(source: ActionSource, { text, base64 }: SocketFile, { problems }: Checks): Uint8Array | null {
  if (text !== undefined) {
    const bytes = Buffer.from(text, 'latin1');
    if (bytes.toString('latin1') === text && bytes.every((octet) => octet < 0x80)) return new Uint8Array(bytes);
    problems.error(spotOf(source, 'text'), 'PW0309', 'characters beyond ASCII are written as `base64`');
    return null;
  }
  const bytes = Buffer.from(base64 ?? '', 'base64');
  if (bytes.toString('base64') === base64) return new Uint8Array(bytes);
  problems.error(spotOf(source, 'base64'), 'PW0309', 'this is not Base64 (RFC 4648 section 4, with padding)');
  return null;
}
