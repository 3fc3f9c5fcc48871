/** What ends before the machine does: memory, disks, pipes, processes, time and numbers (rows B5, G11, I3 to I9, J5). */

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { defineScenario, loadScenario, type ScenarioInput, simulate } from '../../src/index.ts';
import { pcapng } from '../../src/projections/pcapng.ts';
import { BuiltPackage, ended } from '../cli/built.ts';

vi.setConfig({ testTimeout: 60_000 });

let pw: BuiltPackage;
let folder = '';
beforeAll(() => {
  pw = new BuiltPackage();
  folder = mkdtempSync(join(tmpdir(), 'packetwalk-limits-'));
}, 60_000);
afterAll(() => {
  pw.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** So many datagrams that a run takes a while and writes some megabytes. */
const busy = (times: number) => `packetwalk: 1
title: Busy
until: 24h
nodes: { a: {}, b: { apps: { sink: { port: 9, transport: udp } } } }
links: [{ between: [a, b], delay: 1ms }]
timeline: [{ at: 0s, node: a, do: { udp-send: { to: "b:9", size: 1000B, times: ${times}, every: 1ms } } }]
`;

function scenario(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** A small disk of one's own takes a namespace of one's own, which not every machine allows. */
const canMount = spawnSync('unshare', ['-rm', 'true']).status === 0;

const SMALL_DISK = `set -e; mkdir -p disk; mount -t tmpfs -o size=256k none disk; cd disk; printf old > out.EXT
set +e; $PW run -q FILE --force -o out.EXT; echo "status $?"; ls -A | tr '\\n' ' '; cat out.EXT`;

describe('writing', () => {
  it.skipIf(!canMount).each(['jsonl', 'pcapng', 'html'])(
    'on a disk that is full the old %s file stays, and nothing else',
    (extension) => {
      const path = scenario('busy.pw.yaml', busy(2000));
      const line = SMALL_DISK.replaceAll('EXT', extension).replace('FILE', path);
      const words = ['-rm', 'bash', '--norc', '-c', line];
      const { stdout, stderr } = pw.shell(
        `unshare ${words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')}`,
        {
          cwd: folder,
        },
      );
      expect(stderr).toContain('no space left on the device');
      expect(stdout.replaceAll(/\s+/g, ' ')).toBe(`status 2 out.${extension} old`);
    },
  );

  it.skipIf(!canMount)('on a disk that is read-only it is told before anything runs', () => {
    // Would fill the memory, and say so, if it ran.
    const path = scenario('endless.pw.yaml', busy(1_000_000));
    const commands = [
      `$PW run -q ${path} -o disk/x.jsonl`,
      `$PW gateway ${path} --listen 127.0.0.1:0=b:9 --record disk/x.pw.yaml`,
      `script -qec "$PW walk ${path} --record disk/x.txt" /dev/null < /dev/null`,
    ];
    for (const command of commands) {
      const line = `mkdir -p disk; mount -t tmpfs -o ro none disk; ${command} 2>&1; echo "status $?"`;
      writeFileSync(join(folder, 'line.sh'), line);
      const { stdout } = pw.shell('unshare -rm bash --norc line.sh', { cwd: folder });
      expect(stdout.replaceAll('\r', '')).toMatch(
        /^packetwalk: cannot write 'disk\/x[^']*': the file system is read-only\nstatus 2\n$/,
      );
    }
  });

  it.each(['pcapng', 'jsonl'])(
    'a process that is killed in the middle of %s leaves the old file whole',
    async (extension) => {
      const path = scenario('busy.pw.yaml', busy(30_000));
      const out = join(folder, `killed.${extension}`);
      writeFileSync(out, 'old');
      for (const name of readdirSync(folder)) if (name.endsWith('.tmp')) rmSync(join(folder, name));
      const child = pw.start(['run', '-q', path, '--force', '-o', out]);
      const over = ended(child);
      // Killed as soon as it writes beside the old file.
      let isWriting = false;
      while (!isWriting && child.exitCode === null) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        isWriting = readdirSync(folder).some((name) => name.endsWith('.tmp') && statSync(join(folder, name)).size > 0);
      }
      child.kill('SIGKILL');
      const { signal } = await over;
      expect([isWriting, signal]).toEqual([true, 'SIGKILL']);
      expect(readFileSync(out, 'utf8')).toBe('old');
    },
  );

  it('a reader that goes away ends every command in silence, within seconds', async () => {
    const path = scenario('busy.pw.yaml', busy(5000));
    const commands = [
      ['run', path, '-o', 'jsonl:-'],
      ['events', path],
      ['walk', path],
      ['run', path, '--full'],
      ['sweep', 'tcp-handshake', '--seeds', '1..20', '--json'],
      ['test', join(pw.folder, 'scenarios', 'first-packet.pw.yaml'), '--reporter', 'tap'],
      ['fields'],
      ['list'],
      ['schema'],
    ];
    for (const words of commands) {
      const child = pw.start(words);
      child.stdout?.destroy();
      const { code, stderr } = await ended(child);
      expect([words[0], [0, 2, 141].includes(code ?? -1), stderr]).toEqual([
        words[0],
        true,
        expect.not.stringMatching(/EPIPE|\n\s+at /),
      ]);
    }
  });

  it('standard input may be a file or nothing at all', () => {
    for (const from of ['/dev/null', pw.launcher]) {
      const { code, stdout, stderr } = pw.shell(`$PW walk tcp-handshake --plain < ${from}`);
      expect([from, code, stderr]).toEqual([from, 0, '']);
      expect(stdout).not.toBe('');
    }
  });

  it('a gateway whose output is closed goes on until it is told to end', async () => {
    const child = pw.start(['gateway', 'tcp-handshake', '--listen', '127.0.0.1:0=server:80']);
    child.stdout?.destroy();
    const over = ended(child);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(child.exitCode).toBeNull();
    child.kill('SIGTERM');
    const { code, stderr } = await over;
    // It has a last word to say, which nobody hears.
    expect([141, 143]).toContain(code);
    expect(stderr).toEqual(expect.not.stringMatching(/EPIPE|\n\s+at /));
  });
});

describe('numbers', () => {
  it('no run is set to last longer, and no event is later than 30 days', () => {
    const text = 'packetwalk: 1\ntitle: x\nuntil: 720h\nnodes: { a: {} }\n';
    expect(loadScenario(text, 'x').scenario?.untilNs).toBe(2_592_000_000_000_000);
    expect(loadScenario(text.replace('720h', '721h'), 'x').scenario).toBeNull();
    const run = simulate(
      defineScenario({
        packetwalk: 1,
        title: 'late',
        until: '720h',
        nodes: { a: {}, b: {} },
        links: [{ between: ['a', 'b'], delay: '3ms' }],
        timeline: [{ at: '719h', node: 'a', do: { ping: 'b' } }],
      }),
    );
    expect(run.entries.every(({ atNs }) => Number.isSafeInteger(atNs))).toBe(true);
    expect(run.nowNs).toBeLessThanOrEqual(2_592_000_000_000_000);
  });

  it('packet identifiers of MQTT wrap from 65,535 to 1', () => {
    const run = simulate(
      defineScenario({
        packetwalk: 1,
        title: 'identifiers',
        until: '400s',
        nodes: { c: {}, b: { apps: { 'mqtt-broker': {} } } },
        links: [{ between: ['c', 'b'] }],
        timeline: [
          { at: '0s', node: 'c', do: { 'mqtt-connect': 'b' } },
          { at: '1s', node: 'c', do: { publish: { topic: 't', data: 'x', qos: 1, times: 65_540, every: '5ms' } } },
        ],
      }),
      { record: false },
    );
    const [, broker] = run.applications;
    // Every one of them arrived, and nothing was closed for an identifier that is none.
    expect(broker?.receivedBytes).toBeGreaterThan(65_540 * 7);
  });

  it('a thousand hosts talk at once in little memory', () => {
    const names = Array.from({ length: 1000 }, (_, index) => `h${index}`);
    const before = process.memoryUsage().heapUsed;
    const input = {
      packetwalk: 1,
      title: 'many',
      until: '5s',
      nodes: {
        hub: { kind: 'switch' },
        server: { ip: '10.0.0.1/16', apps: { 'echo-server': {} } },
        ...Object.fromEntries(
          names.map((name, index) => [name, { ip: `10.0.${1 + Math.floor(index / 250)}.${1 + (index % 250)}/16` }]),
        ),
      },
      links: ['server', ...names].map((name) => ({ between: [name, 'hub'] })),
      timeline: names.map((node, index) => ({ at: `${index}ms`, node, do: { ping: 'server' } })),
    };
    const run = simulate(defineScenario(input as unknown as ScenarioInput), { record: false });
    const answered = run.links.filter(({ aToB }) => aToB.delivered >= 2).length;
    expect(answered).toBe(1001);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(1 << 30);
  });
});

describe('memory', () => {
  /** A command in a process whose heap is small. */
  const inLittle = (...words: string[]) =>
    spawn(process.execPath, ['--max-old-space-size=100', pw.launcher, ...words], { cwd: folder, stdio: 'pipe' });

  it.each([
    ['run', ['run', 'FILE']],
    ['run --json', ['run', 'FILE', '--json']],
    ['events', ['events', 'FILE']],
    ['walk without a terminal', ['walk', 'FILE']],
    ['a lesson in lines', ['walk', 'LESSON', '--plain', '--lesson']],
  ])(
    '%s ends with 2 and a sentence, before the engine ends the process',
    async (_title, words) => {
      const path = scenario('endless.pw.yaml', busy(1_000_000));
      const lesson = 'lesson: { objective: o, question: q, takeaway: t, steps: [{ at: 1ms, say: hello }] }\n';
      const taught = scenario('taught.pw.yaml', busy(1_000_000) + lesson);
      const child = inLittle(...words.map((word) => (word === 'FILE' ? path : word === 'LESSON' ? taught : word)));
      child.stdin?.end();
      const { code, signal, stderr } = await ended(child);
      expect(stderr).toContain('fills the memory');
      expect([code, signal]).toEqual([2, null]);
    },
    120_000,
  );

  it('a gateway ends with 2 and a sentence, its session and its capture written', async () => {
    const path = scenario('endless.pw.yaml', busy(1_000_000));
    const out = ['--record', join(folder, 'long-session.pw.yaml'), '-o', join(folder, 'long-session.pcapng')];
    const child = inLittle('gateway', path, '--speed', '1000', '--listen', '127.0.0.1:0=b:9', ...out);
    const { code, signal, stderr } = await ended(child);
    expect(stderr).toContain('fills the memory');
    expect([code, signal]).toEqual([2, null]);
    expect(readFileSync(join(folder, 'long-session.pw.yaml'), 'utf8')).toMatch(/^until: \d+ns$/m);
    const listed = pw.call(['events', join(folder, 'long-session.pcapng'), '--count']);
    expect([listed.code, listed.stderr]).toEqual([0, '']);
    expect(Number(listed.stdout)).toBeGreaterThan(1000);
  }, 120_000);

  it('little memory ends a walk with a sentence, before the engine ends the process', async () => {
    const path = scenario('endless.pw.yaml', busy(1_000_000));
    const child = spawn(process.execPath, ['--max-old-space-size=200', pw.launcher, 'walk', path, '--plain'], {
      cwd: folder,
      stdio: 'pipe',
    });
    child.stdin?.end('G\n');
    const { code, signal, stderr } = await ended(child);
    expect(stderr).toContain('fills the memory');
    expect([code, signal]).toEqual([2, null]);
  }, 120_000);
});

describe('exports', () => {
  it('comments of any length and with any character make a file that can be read', () => {
    for (const comment of ['x'.repeat(70_000), '\0', 'ä'.repeat(40_000), '\u{1f600}'.repeat(20_000)]) {
      const frame = {
        interface: 'a:eth0',
        atNs: 1,
        bytes: new Uint8Array(60),
        comment,
        direction: 'outbound' as const,
      };
      const bytes = Buffer.concat([...pcapng(['a:eth0'], [frame])]);
      const shown = comment === '\0' ? '\u2400' : comment.slice(0, 20);
      expect(bytes.includes(shown)).toBe(true);
      // Whole blocks, one behind the other.
      let at = 0;
      while (at < bytes.length) {
        const length = bytes.readUInt32BE(at + 4);
        expect(bytes.readUInt32BE(at + length - 4)).toBe(length);
        at += length;
      }
      expect(at).toBe(bytes.length);
    }
  });
});
