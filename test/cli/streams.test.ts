/** Input that does not end and output that nobody takes: what is kept stays bounded, and a signal is heard (rows B5 to B7, B13). */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { BuiltPackage, ended } from './built.ts';

vi.setConfig({ testTimeout: 60_000 });

let pw: BuiltPackage;
let many = '';
beforeAll(() => {
  pw = new BuiltPackage();
  many = join(pw.folder, 'many.pw.yaml');
  writeFileSync(
    many,
    `packetwalk: 1
title: Many
nodes: { a: {}, b: { apps: { sink: { port: 9, transport: udp } } } }
links: [{ between: [a, b] }]
timeline: [{ at: 0s, node: a, do: { udp-send: { to: "b:9", size: 10B, times: 5000, every: 1ms } } }]
`,
  );
}, 60_000);
afterAll(() => pw.remove());

describe('a reader that does not read', () => {
  it.each([
    ['SIGINT', ['events']],
    ['SIGTERM', ['events']],
    ['SIGHUP', ['events']],
    ['SIGTERM', ['run', '--full']],
    ['SIGTERM', ['run', '-q', '-o', 'jsonl:-']],
    ['SIGTERM', ['walk']],
  ] as const)('%s ends %j although nothing of it was read', async (signal, [command, ...options]) => {
    const child = pw.start([command, many, ...options]);
    // The first octets are there, so it is printing, and a pipe holds less than there is to print.
    child.stdout?.once('readable', () => {});
    await once(child.stdout as NodeJS.ReadableStream, 'readable');
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([null, signal]);
  });

  it('does not let a walk in lines run ahead of it', async () => {
    const words = ['--max-old-space-size=200', pw.launcher, 'walk', many, '--plain'];
    const child = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'inherit'] });
    let asked = 0;
    let isOver = false;
    const ask = () => {
      while (!isOver && child.stdin?.write('where\n'.repeat(1000))) asked += 1000;
    };
    child.stdin?.on('drain', ask);
    child.stdin?.on('error', () => {});
    await once(child.stdout as NodeJS.ReadableStream, 'readable');
    ask();
    await new Promise((resolve) => setTimeout(resolve, 3000));
    // What the two pipes and the buffers on both sides hold, and not the rest of what there is.
    const before = asked;
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(asked).toBe(before);
    isOver = true;
    child.kill();
    await once(child, 'exit');
  });
});

describe('standard input', () => {
  it('may hold a line that does not end', () => {
    const { code, stderr } = pw.shell('$PW walk tcp-handshake --plain < /dev/zero');
    expect([code, stderr]).toEqual([
      2,
      'packetwalk: a line of standard input is longer than the limit of 65536 octets\n',
    ]);
  });

  it.each([
    ['walk tcp-handshake', 'the screen needs a terminal to read keys from'],
    ['gateway tcp-handshake --listen 127.0.0.1:0=server:80 --walk', '--walk needs a terminal that can draw a screen'],
  ])('that is no terminal makes no screen: %s', (words, sentence) => {
    const { stdout } = pw.shell(`script -qec "$PW ${words} < /dev/null; echo status \\$?" /dev/null < /dev/null`);
    expect(stdout).toContain(sentence);
    expect(stdout).toContain('status 2');
    expect(stdout).not.toContain('\x1b');
  });

  it('is read from its first line, also with a lesson', async () => {
    const child = pw.start(['walk', 'tcp-lost-segment', '--plain', '--lesson']);
    child.stdin?.end('help\n');
    const { code, stdout } = await ended(child);
    expect(code).toBe(0);
    expect(stdout).toContain('w where the message is, q leaves.');
  });
});

describe('standard error', () => {
  it.each(['2>/dev/full', '2> >(true)'])('that takes no warning stops no run (%s)', (redirection) => {
    const warned = join(pw.folder, 'warned.pw.yaml');
    writeFileSync(warned, readFileSync(many, 'utf8').replace('nodes: {', 'nodes: { lonely: {},'));
    expect(pw.shell(`$PW run -q ${warned}`).stderr).toContain('warning');
    expect(pw.shell(`$PW run -q ${warned} ${redirection}`).code).toBe(0);
  });
});
