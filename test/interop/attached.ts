/** `packetwalk attach` as a process, with Linux hosts at the ends of its cables. */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { FrameReader, framed } from '../../src/gateway/frame-reader.ts';
import type { LinuxHost } from './linux-host.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/packetwalk.cjs', import.meta.url));

export class Attached {
  readonly child: ChildProcessWithoutNullStreams;
  readonly folder = mkdtempSync(join(tmpdir(), 'packetwalk-attach-'));
  /** What it said on standard error. */
  said = '';
  readonly ended: Promise<number | null>;
  readonly #sockets: Socket[] = [];

  /** `ports` as after `--port`, with `%` for the folder of sockets. */
  constructor(scenario: string, ports: readonly string[], options: readonly string[] = []) {
    const path = join(this.folder, 'scenario.pw.yaml');
    writeFileSync(path, scenario);
    const words = ports.flatMap((port) => ['--port', port.replace('%', this.folder)]);
    this.child = spawn(process.execPath, [PROGRAM, 'attach', path, ...words, ...options]);
    this.child.stderr.on('data', (octets: Buffer) => {
      this.said += octets.toString();
    });
    this.child.stdin.on('error', () => {});
    this.ended = new Promise((resolve) => this.child.once('close', (code) => resolve(code)));
  }

  /** It has said so many times that a port carries something. */
  async carries(ports: number): Promise<void> {
    for (let waits = 0; waits < 500; waits++) {
      if ([...this.said.matchAll(/ carries /g)].length >= ports) return;
      await new Promise((go) => setTimeout(go, 20));
    }
    throw new Error(`packetwalk attach did not begin: ${this.said}`);
  }

  joinStdio(linux: LinuxHost): void {
    this.#join(linux, this.child.stdin, this.child.stdout);
  }

  async joinSocket(name: string, linux: LinuxHost): Promise<void> {
    const socket = createConnection(join(this.folder, name));
    socket.on('error', () => {});
    this.#sockets.push(socket);
    this.#join(linux, socket, socket);
    await new Promise((resolve) => socket.once('connect', resolve));
  }

  #join(linux: LinuxHost, to: Writable, from: NodeJS.ReadableStream): void {
    // Whatever comes is carried: what it is is for the hosts to judge.
    const reader = new FrameReader('any', (frame) => linux.send(frame));
    from.on('data', (octets: Buffer) => reader.push(octets));
    linux.onPacket = (packet) => {
      if (to.writable) to.write(framed(packet));
    };
  }

  async end(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.child.kill('SIGTERM');
    await this.ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
