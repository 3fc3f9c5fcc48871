/** A Linux host in a network namespace of its own, at the end of a pipe (tun.py). */

import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BRIDGE = fileURLToPath(new URL('tun.py', import.meta.url));

/** A namespace needs root, or a user namespace around it. */
const UNSHARE = process.getuid?.() === 0 ? ['--net'] : ['--user', '--map-root-user', '--net'];

export interface JobResult {
  readonly job: string;
  readonly sha256?: string;
  readonly octets?: number;
  readonly error?: string;
  /** Of a job `run`. */
  readonly output?: string;
  readonly status?: number;
}

type Report = Partial<JobResult> & {
  readonly ready?: boolean;
  readonly listening?: number;
  readonly counters?: Readonly<Record<string, number>>;
};

/** Null where a TUN device can be opened in a namespace of its own; else why not. */
export function whyNoTun(): string | null {
  const probe = spawnSync('unshare', [...UNSHARE, 'python3', BRIDGE, '--probe'], { encoding: 'utf8' });
  if (probe.error) return `unshare: ${probe.error.message}`;
  return probe.status === 0 ? null : probe.stderr.trim() || `exit code ${probe.status}`;
}

export class LinuxHost {
  onPacket: (packet: Uint8Array) => void = () => {};
  readonly results: JobResult[] = [];
  readonly problems: string[] = [];
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting: { readonly until: (report: Report) => boolean; readonly done: (report: Report) => void }[] = [];
  readonly #reports: Report[] = [];
  #inbox: Buffer = Buffer.alloc(0);
  #text = '';

  constructor(options: readonly string[]) {
    this.#child = spawn('unshare', [...UNSHARE, 'python3', BRIDGE, ...options]);
    this.#child.stdout.on('data', (octets: Buffer) => this.#take(octets));
    this.#child.stderr.on('data', (octets: Buffer) => this.#hear(octets.toString()));
    this.#child.stdin.on('error', () => {});
  }

  send(packet: Uint8Array): void {
    const head = Buffer.alloc(2);
    head.writeUInt16BE(packet.length);
    this.#child.stdin.write(Buffer.concat([head, packet]));
  }

  ready(): Promise<Report> {
    return this.#report((report) => report.ready === true);
  }

  listening(port: number): Promise<Report> {
    return this.#report((report) => report.listening === port);
  }

  /** What became of a job `run`. */
  async ran(command: string): Promise<{ readonly output: string; readonly status: number }> {
    const { output = '', status = -1 } = await this.#report((report) => report.job === `run ${command}`);
    return { output, status };
  }

  /** The kernel's counters by name, `TcpInCsumErrors`; the host ends with that. */
  async end(): Promise<Readonly<Record<string, number>>> {
    const told = this.#report((report) => report.counters !== undefined);
    this.#child.stdin.write(Buffer.alloc(2));
    const { counters = {} } = await told;
    this.kill();
    return counters;
  }

  kill(): void {
    this.#child.stdin.end();
    this.#child.kill('SIGTERM');
  }

  #report(until: (report: Report) => boolean): Promise<Report> {
    const already = this.#reports.find(until);
    if (already) return Promise.resolve(already);
    return new Promise((done) => this.#waiting.push({ until, done }));
  }

  #take(octets: Buffer): void {
    this.#inbox = this.#inbox.length === 0 ? octets : Buffer.concat([this.#inbox, octets]);
    let at = 0;
    while (this.#inbox.length - at >= 2) {
      const length = this.#inbox.readUInt16BE(at);
      if (this.#inbox.length - at < 2 + length) break;
      this.onPacket(Uint8Array.from(this.#inbox.subarray(at + 2, at + 2 + length)));
      at += 2 + length;
    }
    this.#inbox = this.#inbox.subarray(at);
  }

  #hear(text: string): void {
    this.#text += text;
    const lines = this.#text.split('\n');
    this.#text = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.startsWith('{')) {
        this.problems.push(line);
        continue;
      }
      const report = JSON.parse(line) as Report;
      this.#reports.push(report);
      if (report.job !== undefined) this.results.push(report as JobResult);
      for (const { until, done } of this.#waiting) if (until(report)) done(report);
    }
  }
}
