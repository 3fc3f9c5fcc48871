/** Captures written by Wireshark's own tools, read by us and by tshark. */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleFile } from '../filter/capture-sample.ts';
import { tsharkVersion } from '../referee/tshark.ts';
import { joined } from './build.ts';
import { readAll } from './read.ts';

const version = tsharkVersion();
const COLUMNS = ['number', 'time_epoch', 'len', 'cap_len', 'interface_id', 'interface_name', 'comment'] as const;

/** Each frame as tshark sees it, the time in ns. */
function theirs(file: string): string[][] {
  const wanted = COLUMNS.flatMap((name) => ['-e', `frame.${name}`]);
  const format = ['-T', 'fields', '-E', 'separator=\x01', '-E', 'aggregator=\x02'];
  const { stdout } = spawnSync('tshark', ['-n', '-r', file, ...format, ...wanted], {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    env: { ...process.env, TZ: 'UTC' },
  });
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\x01'))
    .map(([number = '', time = '', ...rest]) => [number, nanoseconds(time), ...rest]);
}

/** As many places as the file's clock has are printed. */
function nanoseconds(seconds: string): string {
  if (seconds === '') return '';
  const [whole = '', part = ''] = seconds.split('.');
  return String(BigInt(whole) * 1_000_000_000n + BigInt(part.padEnd(9, '0')));
}

function ours(file: string): string[][] {
  const { frames, reader } = readAll(readFileSync(file), 4096);
  expect(reader.error).toBe(null);
  return frames.map(({ number, timeNs, originalLength, bytes, interface: it, comments }) => [
    String(number),
    timeNs === null ? '' : String(timeNs),
    String(originalLength),
    String(bytes.length),
    it.id === null ? '' : String(it.id),
    it.id === null ? '' : (it.name ?? 'unknown'),
    comments.join('\x02'),
  ]);
}

describe.skipIf(version === null)(
  `captures of ${version ?? 'tshark, which is not installed'}`,
  { timeout: 60_000 },
  () => {
    let folder = '';
    let sample = '';
    const at = (name: string) => join(folder, name);
    const run = (tool: string, ...options: string[]) => execFileSync(tool, options, { stdio: 'pipe' });

    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'packetwalk-'));
      sample = at('sample.pcapng');
      writeFileSync(sample, sampleFile());
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    const same = (name: string, least = 18) => {
      const found = ours(at(name));
      expect(found.length).toBeGreaterThanOrEqual(least);
      expect(found).toEqual(theirs(at(name)));
    };

    it('our own export', () => same('sample.pcapng'));

    it.each(['pcap', 'nsecpcap', 'modpcap', 'pcapng'])('editcap -F %s', (format) => {
      run('editcap', '-F', format, sample, at(format));
      same(format);
    });

    it('cut frames: editcap -s 40', () => {
      run('editcap', '-s', '40', sample, at('short.pcapng'));
      run('editcap', '-F', 'pcap', '-s', '40', sample, at('short.pcap'));
      same('short.pcapng');
      same('short.pcap');
    });

    it('moved in time: editcap -t -1000000000.5, before 1970', () => {
      run('editcap', '-t', '-900000000.000000001', sample, at('moved.pcapng'));
      same('moved.pcapng');
    });

    it('with comments: editcap -a', () => {
      run('editcap', '-a', '2:first', '-a', '3:ünï x', '--capture-comment', 'all', sample, at('comments.pcapng'));
      same('comments.pcapng');
    });

    it('merged: mergecap of both formats', () => {
      run('editcap', '-F', 'pcap', '-t', '0.25', sample, at('other.pcap'));
      run('mergecap', '-w', at('merged.pcapng'), sample, at('other.pcap'));
      run('mergecap', '-F', 'pcap', '-w', at('merged.pcap'), sample, at('other.pcap'));
      run('mergecap', '-a', '-I', 'none', '-w', at('appended.pcapng'), sample, at('other.pcap'));
      same('merged.pcapng', 36);
      same('merged.pcap', 36);
      same('appended.pcapng', 36);
    });

    it('sections one after the other', () => {
      writeFileSync(at('two.pcapng'), joined(readFileSync(sample), readFileSync(sample)));
      same('two.pcapng', 36);
      expect(readAll(readFileSync(at('two.pcapng'))).frames.map(({ interface: it }) => it.section)).toContain(2);
    });

    it('from text: text2pcap, several link types', () => {
      const dump = Array.from(
        { length: 3 },
        (_, index) => `1${index}:00:00.5 000000 45 00 00 14 00 00 00 00 40 00 00 00 0a 00 00 0${index} 0a 00 00 02\n`,
      );
      writeFileSync(at('dump.txt'), dump.join('\n'));
      for (const [linkType, format] of [
        ['1', 'pcapng'],
        ['101', 'pcap'],
        ['113', 'nsecpcap'],
        ['276', 'pcapng'],
      ] as const) {
        const name = `text-${linkType}`;
        run('text2pcap', '-q', '-t', '%H:%M:%S.%f', '-F', format, '-l', linkType, at('dump.txt'), at(name));
        same(name, 3);
        expect(readAll(readFileSync(at(name))).frames[0]?.interface.linkType).toBe(Number(linkType));
      }
    });

    it('random packets: randpkt', () => {
      for (const type of ['arp', 'dns', 'eth', 'icmp', 'ip', 'sctp', 'udp']) {
        run('randpkt', '-b', '1000', '-c', '200', '-t', type, at(`random-${type}`));
        same(`random-${type}`, 200);
      }
    });

    it('cut at any octet: as many frames as tshark finds', () => {
      run('editcap', '-F', 'pcap', sample, at('whole.pcap'));
      for (const name of ['sample.pcapng', 'whole.pcap']) {
        const file = readFileSync(at(name));
        for (let length = 200; length < file.length; length += 231) {
          writeFileSync(at('cut'), file.subarray(0, length));
          const { frames } = readAll(file.subarray(0, length));
          expect([name, length, frames.length]).toEqual([name, length, theirs(at('cut')).length]);
        }
      }
    });

    it('errors put in by editcap -E: no frame is read that tshark does not read', () => {
      for (let seed = 1; seed <= 8; seed++) {
        run('editcap', '-E', '0.02', '--seed', String(seed), sample, at('errors.pcapng'));
        same('errors.pcapng');
      }
    });
  },
);
