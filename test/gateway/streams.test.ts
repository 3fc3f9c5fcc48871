/**
 * The gateway with standard streams that are closed, full or that nobody reads, with a client connected, until a signal
 * comes (rows B5, B7 and B13): the session and the capture are whole, whatever could not be told.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HEAD, LAUNCHER, sleep } from './running.ts';

vi.setConfig({ testTimeout: 60_000 });

const ECHO = `${HEAD}nodes: { client: {}, server: { apps: { echo-server: {} } } }
links: [{ id: wire, between: [client, server], delay: 5ms }]
`;

let folder = '';
let child: ChildProcess | null = null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'packetwalk-'));
  writeFileSync(join(folder, 'echo.pw.yaml'), ECHO);
});
afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** A port that was free a moment ago: who cannot be told of a chosen one has to choose it. */
async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function start(port: number, redirection: string, words: string): ChildProcess {
  const line = `exec "$0" "$1" gateway echo.pw.yaml --listen 127.0.0.1:${port}=server:7 --record s.pw.yaml -o c.pcapng ${words} ${redirection}`;
  child = spawn('bash', ['--norc', '-c', line, process.execPath, LAUNCHER], {
    cwd: folder,
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return child;
}

/** A client whose octets have come back. */
async function echoed(port: number): Promise<Socket> {
  for (let tries = 0; tries < 300; tries++) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    if (!isOpen) {
      await sleep(50);
      continue;
    }
    socket.on('error', () => {});
    socket.write('hello');
    expect(String((await once(socket, 'data'))[0])).toBe('hello');
    return socket;
  }
  throw new Error('the gateway did not open its door');
}

const packetwalk = (...words: string[]) =>
  spawnSync(process.execPath, [LAUNCHER, ...words], { cwd: folder, encoding: 'utf8' });

/** Nothing is left half written, the session replays, and the capture has the whole conversation. */
function expectWhole(): void {
  expect(readdirSync(folder).sort()).toEqual(['c.pcapng', 'echo.pw.yaml', 's.pw.yaml']);
  expect(packetwalk('run', '-q', 's.pw.yaml')).toMatchObject({ status: 0, stderr: '' });
  const hello = packetwalk('events', 'c.pcapng', '--filter', 'frame contains "hello"', '--count');
  expect([hello.status, hello.stdout]).toEqual([0, '2\n']);
}

describe('a gateway with a client', () => {
  it.each([
    ['standard output closed', '>&-', 'SIGTERM', 143],
    ['standard error closed', '2>&-', 'SIGINT', 130],
    ['all of them closed', '<&- >&- 2>&-', 'SIGTERM', 143],
    ['standard output full', '>/dev/full', 'SIGINT', 2],
    ['standard error full', '2>/dev/full', 'SIGTERM', 143],
    ['both full', '>/dev/full 2>/dev/full', 'SIGTERM', 2],
  ] as const)('%s (%s): %s ends it with %i, and its files are whole', async (_title, redirection, signal, status) => {
    const port = await freePort();
    const gateway = start(port, redirection, '');
    const socket = await echoed(port);
    gateway.kill(signal);
    expect((await once(gateway, 'close'))[0]).toBe(status);
    expectWhole();
    socket.destroy();
  });

  it.each([
    ['output', 141],
    ['error', 143],
  ] as const)('nobody reads standard %s any more: SIGTERM ends it with %i', async (name, status) => {
    const port = await freePort();
    const gateway = start(port, '', '');
    (name === 'output' ? gateway.stdout : gateway.stderr)?.destroy();
    let said = '';
    gateway.stderr?.on('data', (text) => {
      said += text;
    });
    const socket = await echoed(port);
    gateway.kill('SIGTERM');
    expect((await once(gateway, 'close'))[0]).toBe(status);
    expect(said).not.toMatch(/EPIPE|\n\s+at /);
    expectWhole();
    socket.destroy();
  });

  it('SIGHUP ends it as it ends any process, but not before its files are whole', async () => {
    const port = await freePort();
    const gateway = start(port, '', '');
    const socket = await echoed(port);
    gateway.kill('SIGHUP');
    expect(await once(gateway, 'close')).toEqual([null, 'SIGHUP']);
    expectWhole();
    socket.destroy();
  });

  it('where nobody reads on, the files are there, and a signal ends it at once', async () => {
    const port = await freePort();
    const gateway = start(port, '', '--until 4s -o jsonl:-');
    gateway.stderr?.resume();
    const socket = await echoed(port);
    // More than a pipe holds waits for a reader.
    for (let round = 0; round < 100; round++) socket.write('x'.repeat(1000));
    while (!existsSync(join(folder, 'c.pcapng'))) await sleep(50);
    await sleep(500);
    expect(gateway.exitCode).toBeNull();
    gateway.kill('SIGTERM');
    expect((await once(gateway, 'exit'))[1]).toBe('SIGTERM');
    expectWhole();
    socket.destroy();
  });
});
