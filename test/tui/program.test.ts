/** The loop around the model on streams that are no terminal. */

import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { livelockProblem } from '../../src/cli/failure.ts';
import { Livelock } from '../../src/kernel/kernel.ts';
import type { WalkHost } from '../../src/tui/host.ts';
import { Program } from '../../src/tui/program.ts';
import type { Leaving } from '../../src/tui/stay.ts';
import { TerminalSession } from '../../src/tui/terminal.ts';
import { bundledText, Emulator, hostOf } from './stage.ts';

class Desk {
  readonly stdin = Object.assign(new PassThrough(), {
    setRawMode: () => this.stdin,
    isTTY: true,
    unref() {},
    ref() {},
  });
  readonly stdout = Object.assign(new PassThrough(), { columns: 100, rows: 30, isTTY: true });
  written = '';
  readonly recorded: string[] = [];
  readonly program: Program;
  readonly left: Promise<Leaving>;

  constructor(host: WalkHost) {
    this.stdout.on('data', (part: Buffer) => {
      this.written += part.toString('utf8');
    });
    const terminal = new TerminalSession(
      this.stdin as unknown as NodeJS.ReadStream,
      this.stdout as unknown as NodeJS.WriteStream,
      true,
    );
    const record = (line: string) => this.recorded.push(line);
    this.program = new Program(host, terminal, { depth: 'true', isAscii: false, theme: 'dark', record, tape: null });
    this.left = this.program.run();
  }

  async types(text: string): Promise<void> {
    this.stdin.write(text);
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
}

const host = () => hostOf(bundledText('tcp-handshake'), 'tcp-handshake');
const LEFT = /\x1b\[\?2004l\x1b\[0m\x1b\[\?25h\x1b\[\?1049l$/;

describe('the program', () => {
  it('shows what is typed, all keys of a read, and gives the terminal back', async () => {
    const desk = new Desk(host());
    await desk.types('nnn');
    const emulator = new Emulator(100, 30);
    await emulator.write(desk.written);
    expect(emulator.rows().join('\n')).toContain('packet 3 · on the wire');
    await desk.types('q');
    expect(await desk.left).toBe('quit');
    expect(desk.written).toMatch(LEFT);
    expect(desk.recorded).toEqual(['next packet', 'next packet', 'next packet', 'quit']);
  });

  it('leaves at Ctrl-C and when the terminal goes away', async () => {
    const one = new Desk(host());
    await one.types('\x03');
    expect(await one.left).toBe('SIGINT');
    const other = new Desk(host());
    other.stdin.end();
    expect(await other.left).toBe('SIGHUP');
  });

  it('gives the terminal back before it tells of a mistake of ours (G10)', async () => {
    const broken: WalkHost = {
      ...host(),
      compileFilter: () => {
        throw new Error('a bug');
      },
    };
    const desk = new Desk(broken);
    const failed = desk.left.then(
      () => null,
      (error: unknown) => error,
    );
    await desk.types('/t');
    expect(await failed).toMatchObject({ message: 'a bug' });
    expect(desk.written).toMatch(LEFT);
  });

  it('gives the terminal back before a run is told of whose time stands still', async () => {
    const still: WalkHost = {
      ...host(),
      start: (faults, seed) => {
        const run = host().start(faults, seed);
        const step = () => {
          if (run.entries.length > 60) throw new Livelock('time does not pass');
          return run.step();
        };
        return { entries: run.entries, isOver: false, step };
      },
    };
    const desk = new Desk(still);
    const failed = desk.left.then(
      () => null,
      (error: unknown) => error,
    );
    await desk.types('G');
    expect(desk.written).toMatch(LEFT);
    expect(livelockProblem(await failed)).toMatchObject({ message: 'the run was stopped: time does not pass' });
    expect(livelockProblem(new Error('another'))).toBe(null);
  });

  it('follows the size of the terminal', async () => {
    const desk = new Desk(host());
    Object.assign(desk.stdout, { columns: 40, rows: 10 });
    desk.stdout.emit('resize');
    await desk.types('');
    expect(desk.written).toContain('terminal too small (need 60×15)');
    Object.assign(desk.stdout, { columns: undefined, rows: undefined });
    desk.stdout.emit('resize');
    await desk.types('q');
    expect(await desk.left).toBe('quit');
  });

  it('answers clicks, wheels and pasted text, and ignores the rest', async () => {
    const desk = new Desk(host());
    await desk.types('nnnn\x1b[<0;80;4M\x1b[<65;80;4M\x1b[<0;20;28M\x1b[200~q\x1b[201~\x1b]0;x\x07\x1b[12;34R');
    await desk.types('/\x1b[200~tcp\x1b[201~\r');
    expect(desk.program.model.filter?.text).toBe('tcp');
    await desk.types('q');
    expect(await desk.left).toBe('quit');
    expect(desk.recorded).toContain('type tcp');
  });
});
