/** The rows B1–B14 of the catalogue of bad input, with real processes. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, Script } from 'node:vm';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { BuiltPackage, ended } from './built.ts';

// Every call is a process of its own, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000 });

let pw: BuiltPackage;
let folder = '';

beforeAll(() => {
  pw = new BuiltPackage();
}, 60_000);
afterAll(() => pw.remove());
beforeEach(() => {
  folder = mkdtempSync(join(pw.folder, 'case-'));
});

const PING = `packetwalk: 1
title: Ping
nodes: { a: {}, b: {} }
links: [{ between: [a, b], delay: 1ms }]
timeline: [{ at: 0s, node: a, do: { ping: b } }]
expect: [{ match: icmp, exactly: 2 }]
`;

/** Runs for so many seconds of real time that a signal meets it at work. */
const LONG = `packetwalk: 1
title: Long
until: 720h
nodes: { a: {}, b: { apps: { sink: { port: 9, transport: udp } } } }
links: [{ between: [a, b], delay: 1ms }]
timeline:
  - { at: 0s, node: a, do: { udp-send: { to: "b:9", size: 10B, times: 1000000, every: 1ms } } }
  - { at: 1000s, node: a, do: { udp-send: { to: "b:9", size: 10B, times: 1000000, every: 1ms } } }
  - { at: 2000s, node: a, do: { udp-send: { to: "b:9", size: 10B, times: 1000000, every: 1ms } } }
`;

const MANY = `packetwalk: 1
title: Many
nodes: { a: {}, b: { apps: { sink: { port: 9, transport: udp } } } }
links: [{ between: [a, b] }]
timeline: [{ at: 0s, node: a, do: { udp-send: { to: "b:9", size: 10B, times: 20000, every: 1ms } } }]
`;

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('B1: no arguments, help, version', () => {
  it.each([['--help'], ['-h'], ['help']])('%s prints help on standard output', (word) => {
    const { code, stdout, stderr } = pw.call([word]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Usage: packetwalk');
    expect(stdout.indexOf('Examples:')).toBeLessThan(stdout.indexOf('Usage:'));
  });

  it.each([['--version'], ['-V']])('%s prints the version', (word) => {
    const { version } = JSON.parse(readFileSync(join(pw.folder, 'package.json'), 'utf8'));
    expect(pw.call([word])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('prints short usage on standard error without arguments', () => {
    const { code, stdout, stderr } = pw.call([]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('packetwalk run');
  });

  it('answers --version before it loads anything', () => {
    const commands = [
      [pw.launcher, '--version'],
      ['-e', '0'],
    ];
    const fastest = commands.map(() => Number.POSITIVE_INFINITY);
    // In turns, so that a busy moment of the machine meets both.
    for (let round = 0; round < 8; round++) {
      for (const [index, args] of commands.entries()) {
        const before = process.hrtime.bigint();
        spawnSync(process.execPath, args);
        fastest[index] = Math.min(fastest[index] ?? 0, Number(process.hrtime.bigint() - before));
      }
    }
    const [ours = 0, bare = 0] = fastest;
    expect(ours).toBeLessThan(1.5 * bare);
  });
});

describe('B2: unknown words and wrong values', () => {
  it.each([
    [['rnu'], "did you mean 'run'?"],
    [['frobnicate'], "unknown command 'frobnicate'"],
    [['tcp-handshake'], 'packetwalk run tcp-handshake'],
    [['run', 'tcp-handshake', '--sed', '1'], '--seed'],
    [['run', 'tcp-handshake', '--seed'], 'argument missing'],
    [['run', 'tcp-handshake', '--seed=abc'], 'A seed is a whole number'],
    [['run', 'tcp-handshake', '--seed', '-1'], 'A seed is a whole number'],
    [['run', 'tcp-handshake', '--seed', '18446744073709551616'], 'A seed is a whole number'],
    [['run', 'tcp-handshake', '--seed', '1', '--seed', '2'], 'given twice'],
    [['run', 'tcp-handshake', '--profile', 'bsd'], 'rfc or linux'],
    [['run', 'tcp-handshake', '--until', '10'], '10'],
    [['run', 'tcp-handshake', '--set', 'loss'], 'name=value'],
    [['run', 'tcp-handshake', '--set', 'nosuch=1'], 'nosuch'],
    [['run', 'first-packet', '--at', 'nobody'], 'there is no node'],
    [['run', 'first-packet', '--at', 'alice:eth7'], 'has no interface'],
    [['run', 'tcp-handshake', '--max-events', '0'], 'at least 1'],
    [['run', 'tcp-handshake', 'tcp-handshake'], 'too many arguments'],
    [['run'], 'missing required argument'],
    [['events', 'first-packet', '--filter', 'tcp.prot == 80'], 'tcp.prot'],
    [['sweep', 'tcp-handshake', '--seeds', '10..1'], 'write it as 1..1000'],
    [['sweep'], 'no scenario is given'],
    [['sweep', 'tcp-handshake', '--shard', '3/2'], 'write it as 2/8'],
    [['sweep', 'tcp-handshake', '-o', 'x.svg'], '--plot'],
    [['fields', 'nosuch.'], 'no field begins'],
    [['show', 'tcp-handshak'], "did you mean 'tcp-handshake'?"],
  ])('%j', (args, words) => {
    const { code, stdout, stderr } = pw.call(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(words);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it.each(['0', '0xffffffffffffffff', '18446744073709551615'])('takes the seed %s', (seed) => {
    expect(pw.call(['run', file('ping.pw.yaml', PING), '--seed', seed, '-q'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('puts a caret under what is wrong in a filter', () => {
    const { stderr } = pw.call(['events', 'first-packet', '--filter', 'ip && tcp.prot == 80']);
    const [, line = '', carets = ''] = stderr.split('\n');
    expect(line.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1)).toBe('tcp.prot');
  });
});

describe('B3: what cannot be read', () => {
  it.each([
    ['a missing file', 'nosuch.pw.yaml', 'there is no such file'],
    ['a directory', '.', 'it is a directory'],
    ['a dangling symbolic link', 'dangling.yaml', 'there is no such file'],
    ['a named pipe', 'pipe.yaml', 'it is no regular file'],
    ['a device', '/dev/zero', 'it is no regular file'],
    ['a file below a file', 'ping.pw.yaml/x', 'not a directory'],
    ['a name that is too long', `${'x'.repeat(300)}.yaml`, 'the name is too long'],
  ])('%s', (_title, name, words) => {
    file('ping.pw.yaml', PING);
    symlinkSync('nowhere', join(folder, 'dangling.yaml'));
    spawnSync('mkfifo', [join(folder, 'pipe.yaml')]);
    const { code, stdout, stderr } = pw.call(['run', name], { cwd: folder });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(words);
  });

  it('reads standard input, and a pipe that a shell hands over', () => {
    expect(pw.call(['run', '-', '-q'], { input: PING })).toMatchObject({ code: 0, stderr: '' });
    expect(pw.call(['run', '/dev/stdin', '-q'], { input: PING })).toMatchObject({ code: 0, stderr: '' });
    const path = file('ping.pw.yaml', PING);
    expect(pw.shell(`$PW run -q <(cat ${path})`)).toMatchObject({ code: 0, stderr: '' });
  });

  it('stops reading at the limit', () => {
    const { code, stderr } = pw.call(['run', '-'], { input: 'x'.repeat(1_100_000) });
    expect(code).toBe(2);
    expect(stderr).toContain('limit of 1048576');
    expect(pw.call(['run', file('big.yaml', 'x'.repeat(1_100_000))]).code).toBe(2);
  });

  it('tells where a scenario is wrong: file, line, column, line and caret', () => {
    const path = file('wrong.pw.yaml', PING.replace('delay: 1ms', 'delya: 1ms'));
    const { code, stdout, stderr } = pw.call(['run', path, '-o', join(folder, 'x.jsonl')]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`${path}:4:28: error PW0301`);
    expect(stderr).toContain('delay');
    expect(stderr.split('\n')[2]?.trim()).toBe('^^^^^');
    expect(readdirSync(folder)).toEqual(['wrong.pw.yaml']);
  });
});

describe('B4: outputs that cannot be written', () => {
  it('does not overwrite without --force', () => {
    const path = file('x.jsonl', 'old');
    const { code, stdout, stderr } = pw.call(['run', 'first-packet', '-o', path]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('--force');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(pw.call(['run', 'first-packet', '-q', '-o', path, '--force']).code).toBe(0);
    expect(readFileSync(path, 'utf8')).toContain('packetwalk-journal');
  });

  it.each([
    ['a directory', 'd.jsonl', 'it is a directory'],
    ['no parent', 'no/x.jsonl', 'there is no directory'],
    ['a full disk', 'jsonl:/dev/full', 'no space left'],
    ['a file system that takes no files', '/proc/x.jsonl', 'cannot write'],
    ['an unknown ending', 'x.txt', '.pcapng, .jsonl, .mmd'],
    ['an ending that nobody writes', 'x.doc', 'does not say which format'],
    ['the input itself', 'jsonl:ping.pw.yaml', 'is the input itself'],
  ])('%s', (_title, target, words) => {
    mkdirSync(join(folder, 'd.jsonl'));
    file('ping.pw.yaml', PING);
    const { code, stderr } = pw.call(['run', 'ping.pw.yaml', '-q', '--force', '-o', target], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain(words);
    expect(readdirSync(folder).sort()).toEqual(['d.jsonl', 'ping.pw.yaml']);
    expect(readFileSync(join(folder, 'ping.pw.yaml'), 'utf8')).toBe(PING);
  });

  it('says that standard output is full', () => {
    const { code, stderr } = pw.shell('$PW run first-packet > /dev/full');
    expect(code).toBe(2);
    expect(stderr).toContain('cannot write to standard output: no space left');
  });

  it('writes several outputs, one of them to standard output, and then the report to standard error', () => {
    const outputs = ['-o', 'x.pcapng', '-o', 'x.mmd', '-o', 'jsonl:-'];
    const { code, stdout, stderr } = pw.call(['run', 'first-packet', ...outputs], { cwd: folder });
    expect(code).toBe(0);
    expect(readdirSync(folder)).toEqual(['x.mmd', 'x.pcapng']);
    expect(stdout.split('\n').every((line) => line === '' || line.startsWith('{'))).toBe(true);
    expect(stderr).toContain('all 4 expectations held');
  });
});

describe('B5, B6, B7: who reads our output', () => {
  it('ends in silence when the reader goes away', () => {
    const path = file('many.pw.yaml', MANY);
    const { stdout, stderr } = pw.shell(`$PW events --json ${path} | head -1; echo "\${PIPESTATUS[0]}"`);
    const [line = '', status] = stdout.trimEnd().split('\n');
    expect(JSON.parse(line)).toMatchObject({ number: 1 });
    expect(status).toBe('141');
    expect(stderr).toBe('');
  });

  it('gives a slow reader every line', async () => {
    const child = pw.start(['events', file('many.pw.yaml', MANY)]);
    let lines = 0;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      lines += text.split('\n').length - 1;
      child.stdout?.pause();
      setTimeout(() => child.stdout?.resume(), 5);
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).toBe(0);
    expect(lines).toBe(20_002);
  }, 30_000);

  it.each([
    ['standard output', '>&-', 0],
    ['standard error', '2>&-', 0],
    ['standard input', '<&-', 0],
    ['all three', '<&- >&- 2>&-', 0],
  ])('lives with %s closed', (_title, redirection, code) => {
    expect(pw.shell(`$PW run first-packet ${redirection}`).code).toBe(code);
  });

  it('ends a walk in lines in silence when the reader goes away, and with a sentence on a full device', () => {
    const walk = '$PW walk tcp-lost-segment --plain < /dev/null';
    const { stdout, stderr } = pw.shell(`${walk} | true; echo "\${PIPESTATUS[0]}"`);
    expect([stdout, stderr]).toEqual(['141\n', '']);
    const full = pw.shell(`${walk} > /dev/full`);
    expect([full.code, full.stderr]).toEqual([
      2,
      'packetwalk: cannot write to standard output: no space left on the device\n',
    ]);
  });

  it.each([
    ['a walk in lines', 'walk tcp-lost-segment --plain < /dev/null'],
    ['events', 'events tcp-lost-segment'],
  ])('%s: lives with standard output and error closed', (_title, words) => {
    expect(pw.shell(`$PW ${words} >&- 2>&-`).code).toBe(0);
  });

  it('finds no scenario in closed standard input', () => {
    expect(pw.shell('$PW run - <&-').code).toBe(2);
  });
});

describe('B8: colours', () => {
  const CSI = '\x1b[';

  it('are for terminals', () => {
    expect(pw.call(['run', 'first-packet']).stdout).not.toContain(CSI);
  });

  it.each([
    [{ FORCE_COLOR: '1' }, [], true],
    [{ FORCE_COLOR: '3' }, [], true],
    [{ FORCE_COLOR: '0' }, [], false],
    [{ NO_COLOR: '1' }, [], false],
    [{ TERM: 'dumb' }, [], false],
    [{ FORCE_COLOR: '1' }, ['--no-color'], false],
  ])('with %j and %j: %s', (env, args, colours) => {
    const { stdout } = pw.call(['run', 'first-packet', ...args], { env: env as Record<string, string> });
    expect(stdout.includes(CSI)).toBe(colours);
  });

  it('come and go on a terminal', () => {
    const onTerminal = (env: string) => pw.shell(`script -qec "env ${env} $PW run first-packet" /dev/null`).stdout;
    expect(onTerminal('TERM=xterm-256color')).toContain('\x1b[38;5;');
    expect(onTerminal('TERM=dumb')).not.toContain(CSI);
    expect(onTerminal('TERM=xterm NO_COLOR=1')).not.toContain(CSI);
  });

  it('change no word, nor does the place on earth', () => {
    const plain = pw.call(['run', 'first-packet']).stdout;
    const { stdout } = pw.call(['run', 'first-packet'], { env: { FORCE_COLOR: '3' } });
    expect(stdout.replaceAll(new RegExp(`${'\x1b'}\\[[0-9;]*m`, 'g'), '')).toBe(plain);
    const abroad = { LANG: 'tr_TR.UTF-8', LC_ALL: 'ar_EG.UTF-8', TZ: 'Asia/Tokyo' };
    expect(pw.call(['run', 'first-packet'], { env: abroad }).stdout).toBe(plain);
  });

  it('--ascii leaves nothing but ASCII', () => {
    expect(pw.call(['run', 'first-packet', '--ascii']).stdout).toMatch(/^[\x20-\x7e\n]*$/);
  });
});

describe('B9, B10: hostile surroundings', () => {
  it.each(['\x1b]0;x\x07.yaml', 'a\nb.yaml', 'user\u202eLMAY.yaml', '\x9b31m.yaml'])('shows %j escaped', (name) => {
    for (const args of [['run', name], ['check', name], ['run', 'first-packet', '-o', name], [name]]) {
      const { code, stderr } = pw.call(args, { cwd: folder });
      expect(code).toBe(2);
      expect(stderr.replaceAll('\n', '')).toMatch(/^[^\p{Cc}\u202e]*$/u);
      expect(stderr).toContain('<U+');
    }
  });

  it('takes a name that begins with a dash after --', () => {
    file('-x.pw.yaml', PING);
    expect(pw.call(['run', '-q', '--', '-x.pw.yaml'], { cwd: folder })).toMatchObject({ code: 0, stderr: '' });
  });

  it('takes a name of 255 octets, for input and output', () => {
    const name = `${'n'.repeat(247)}.pw.yaml`;
    file(name, PING);
    const out = `${'o'.repeat(249)}.jsonl`;
    expect(pw.call(['run', '-q', name, '-o', out], { cwd: folder })).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(folder)).toContain(out);
  });

  it('needs no home, no temporary folder and no working directory', () => {
    const env = { TMPDIR: '/nonexistent' };
    expect(pw.call(['run', '-q', 'first-packet'], { env })).toMatchObject({ code: 0, stderr: '' });
    const gone = join(folder, 'gone');
    mkdirSync(gone);
    expect(pw.shell(`rmdir ${gone}; $PW run -q first-packet`, { cwd: gone })).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('B11: a Node that is too old', () => {
  it('gets a sentence and no syntax error', () => {
    const source = readFileSync(pw.launcher, 'utf8');
    expect(source.replace(/\/\/.*$/gm, '')).not.toMatch(/=>|`|\b(?:const|let|class|async|import)\b/);
    for (const version of ['18.20.4', '20.18.3', '0.10.48']) {
      const said: string[] = [];
      const old = {
        version: `v${version}`,
        versions: { node: version },
        argv: ['node', 'packetwalk', 'run'],
        stderr: { write: (text: string) => said.push(text) },
        exitCode: 0,
      };
      const refuse = () => {
        throw new Error('nothing may be loaded');
      };
      new Script(source.replace(/^#!.*/, '')).runInContext(createContext({ process: old, require: refuse }));
      expect(old.exitCode).toBe(2);
      expect(said).toEqual([`packetwalk needs Node.js 20.19 or newer; this is v${version}.\n`]);
    }
  });
});

describe('B12, B13: signals', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    '%s ends a run with %i and leaves nothing behind',
    async (signal, code) => {
      const path = file('long.pw.yaml', LONG);
      const child = pw.start(['run', path, '-o', 'x.jsonl'], folder);
      // Long after a busy machine has started it, long before it is done.
      setTimeout(() => child.kill(signal), 4000);
      const result = await ended(child);
      expect(result).toMatchObject({ code, signal: null, stdout: '' });
      expect(result.stderr).toMatch(/^packetwalk: interrupted at \d+\.\d+ s of virtual time, after \d+ events\n$/);
      expect(readdirSync(folder)).toEqual(['long.pw.yaml']);
    },
    30_000,
  );
});

describe('B14: two that write the same file', () => {
  it('never mix', async () => {
    const path = join(folder, 'x.jsonl');
    const seeds = ['1', '2'];
    await Promise.all(
      seeds.map((seed) => ended(pw.start(['run', '-q', 'tcp-lost-segment', '--seed', seed, '--force', '-o', path]))),
    );
    const whole = seeds.map(
      (seed) => pw.call(['run', '-q', 'tcp-lost-segment', '--seed', seed, '-o', 'jsonl:-']).stdout,
    );
    expect(whole).toContain(readFileSync(path, 'utf8'));
    expect(readdirSync(folder)).toEqual(['x.jsonl']);
    rmSync(path);
  }, 30_000);
});

describe('exit statuses', () => {
  it('1: an expectation failed', () => {
    const path = file('fails.pw.yaml', PING.replace('exactly: 2', 'exactly: 3'));
    const { code, stdout, stderr } = pw.call(['run', path]);
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toContain('2 frames match icmp (expected exactly 3)');
    expect(stdout).toContain('1 of 1 expectations failed');
  });

  it('2: a run that does not end', () => {
    const { code, stderr } = pw.call(['run', file('long.pw.yaml', LONG), '--max-events', '10000']);
    expect(code).toBe(2);
    expect(stderr).toContain('that is the limit');
  });

  it.each([
    ['links with a delay', '1us', 'that is the limit'],
    ['links without one', '0s', 'give them one'],
  ])(
    '2: a storm in a loop of switches over %s',
    (_title, delay, words) => {
      const link = `{ between: [s1, s2], delay: ${delay} }`;
      const path = file(
        'storm.pw.yaml',
        `packetwalk: 1
title: Storm
nodes: { a: {}, b: {}, s1: { kind: switch }, s2: { kind: switch } }
links: [{ between: [a, s1] }, { between: [b, s2] }, ${link}, ${link.replace('between', 'id: y, between')}]
timeline: [{ at: 0s, node: a, do: { ping: b } }]
`,
      );
      const { code, stderr } = pw.call(['run', path, '--max-events', '1200000']);
      expect(code).toBe(2);
      expect(stderr).toContain(words);
    },
    60_000,
  );

  it('2: a journal that does not fit the memory, before the process dies of it', () => {
    const env = { NODE_OPTIONS: '--max-old-space-size=200' };
    const { code, signal, stderr } = pw.call(['run', file('long.pw.yaml', LONG)], { env });
    expect(stderr).toContain('fills the memory');
    expect([code, signal]).toEqual([2, null]);
  }, 60_000);

  it('70: a bug of ours, with what is needed to see it again', () => {
    const broken = `const whole = JSON.stringify; JSON.stringify = (value, ...rest) => {
      if (value?.expectations) throw new TypeError('broken on purpose');
      return whole(value, ...rest);
    };`;
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(broken)}` };
    const { code, stdout, stderr } = pw.call(['run', 'first-packet', '--json'], { env });
    expect([code, stdout]).toEqual([70, '']);
    expect(stderr).toContain('internal error: TypeError: broken on purpose');
    expect(stderr).toMatch(/packetwalk \d+\.\d+\.\d+ \(Node v\d+\.\d+\.\d+, seed 1, event \d+\)/);
    expect(stderr).toContain('replay: packetwalk run first-packet --json --seed 1');
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(pw.call(['run', 'first-packet', '--json', '--debug'], { env }).stderr).toMatch(/\n\s+at /);
  });
});
