/** `packetwalk attach` as a process: raw frames on its standard input and output. */

import { writeFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FrameReader, framed } from '../../src/gateway/frame-reader.ts';
import { writeIpv4 } from '../../src/layers/3-network/ipv4/header.ts';
import { finish, sum } from '../../src/wire/checksum.ts';
import { BuiltPackage, ended } from './built.ts';

const SCENARIO = `packetwalk: 1
title: A router with an open interface
nodes:
  r: { kind: router, interfaces: { wan: 10.9.0.2/24, two: 10.7.0.1/24, lan: 10.8.0.1/24 } }
  server: { ip: 10.8.0.2/24 }
links:
  - { between: [r:lan, server], delay: 10ms }
`;

let built: BuiltPackage;
beforeAll(() => {
  built = new BuiltPackage();
  writeFileSync(join(built.folder, 's.pw.yaml'), SCENARIO);
}, 60_000);
afterAll(() => built.remove());

const ATTACH = ['attach', 's.pw.yaml', '--port', 'r:wan', '--stdio'];

/** An ICMP echo request from 10.9.0.1 to 10.8.0.2. */
function echoRequest(): Uint8Array {
  const packet = new Uint8Array(20 + 8 + 4);
  packet.set([8, 0, 0, 0, 0, 1, 0, 1, 1, 2, 3, 4], 20);
  const checksum = finish(sum(packet, 20, packet.length));
  packet.set([checksum >>> 8, checksum & 255], 22);
  writeIpv4(packet, 0, {
    totalLength: packet.length,
    identification: 7,
    flagsAndOffset: 0,
    ttl: 64,
    protocol: 1,
    source: 0x0a090001,
    destination: 0x0a080002,
  });
  return packet;
}

async function attached(
  input: Uint8Array,
  args = ATTACH,
): Promise<{ frames: Uint8Array[]; code: number | null; stderr: string }> {
  const child = built.start(args);
  const frames: Uint8Array[] = [];
  const reader = new FrameReader('any', (frame) => frames.push(Uint8Array.from(frame)));
  child.stdout?.on('data', (octets: Buffer | string) => reader.push(Buffer.from(octets as Buffer)));
  let stderr = '';
  child.stderr?.on('data', (octets: Buffer) => {
    stderr += octets.toString();
  });
  child.stdin?.end(input);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { frames, code, stderr };
}

describe('packetwalk attach', { timeout: 60_000 }, () => {
  it('answers a packet of standard input on standard output, also when the input ends with it', async () => {
    const { frames, code, stderr } = await attached(framed(echoRequest()));
    expect(code).toBe(0);
    expect(frames).toHaveLength(1);
    expect([...(frames[0] ?? [])].slice(20, 21)).toEqual([0]);
    expect([...(frames[0] ?? [])].slice(-4)).toEqual([1, 2, 3, 4]);
    expect(frames[0]?.[8]).toBe(63);
    expect(stderr).toMatch(
      /^packetwalk: r:wan carries IP packets .*\npacketwalk: ended after .* 1 frames in, 1 out\n$/,
    );
  });

  it('carries Ethernet with --tap: the node asks by ARP, and pads', async () => {
    const frame = new Uint8Array(14 + 32);
    frame.set([2, 0, 0, 0, 0, 1, 2, 0xaa, 0, 0, 0, 1, 8, 0]);
    frame.set(echoRequest(), 14);
    const { frames, code } = await attached(framed(frame), [...ATTACH, '--tap', '-q']);
    expect(code).toBe(0);
    // The router does not know who 10.9.0.1 is, and nobody says it.
    expect(frames.length).toBeGreaterThanOrEqual(1);
    expect(frames.every((each) => each.length === 60 && each[12] === 8 && each[13] === 6)).toBe(true);
  });

  it('says at which octet its input is wrong', async () => {
    const bad = await attached(Buffer.concat([framed(echoRequest()), framed(new Uint8Array(5))]), [...ATTACH, '-q']);
    expect(bad.code).toBe(2);
    expect(bad.stderr).toMatch(/^<stdin>:0x24: error PW1202: an IP packet begins with its version, 4 or 6/);
    const cut = await attached(framed(echoRequest()).subarray(0, 20), [...ATTACH, '-q']);
    expect(cut.code).toBe(2);
    expect(cut.stderr).toBe('<stdin>:0x14: error PW1201: the input ends after 18 octets of a frame of 32\n');
  });

  it('refuses ports that cannot be carried', () => {
    const told = (...ports: string[]) =>
      built.call(['attach', 's.pw.yaml', ...ports.flatMap((port) => ['--port', port]), '--stdio']);
    const plugged = told('r:lan');
    expect(plugged.stderr).toContain("--port 'r:lan': r:lan is plugged into the link r-server");
    expect(plugged.code).toBe(2);
    expect(told('r:wan', 'r:two').stderr).toContain('only one --port can be carried on standard input');
    expect(built.call(['attach', 's.pw.yaml', '--port', 'r:wan']).stderr).toContain('--stdio is missing');
  });

  it('ends by SIGINT with 130, by --until with 0, and in silence when nobody reads', async () => {
    const child = built.start(ATTACH);
    const result = ended(child);
    await new Promise((resolve) => child.stderr?.once('data', resolve));
    child.kill('SIGINT');
    expect((await result).code).toBe(130);
    const timed = built.start([...ATTACH, '--until', '300ms']);
    expect((await ended(timed)).code).toBe(0);
    // A frame every 50 ms makes the router answer on a pipe that nobody reads any more.
    const unread = built.start([...ATTACH, '-q']);
    const silent = ended(unread);
    unread.stdout?.destroy();
    const feed = setInterval(() => unread.stdin?.write(framed(echoRequest())), 50);
    unread.stdin?.on('error', () => {});
    expect(await silent).toMatchObject({ code: 141, stderr: '' });
    clearInterval(feed);
  });

  it('carries further ports on Unix sockets', async () => {
    const path = join(built.folder, 'two.sock');
    const child = built.start([...ATTACH, '--port', `r:two=${path}`]);
    const result = ended(child);
    let said = '';
    await new Promise<void>((resolve) =>
      child.stderr?.on('data', (text: string) => {
        said += text;
        if (said.includes('socket')) resolve();
      }),
    );
    const socket: Socket = createConnection(path);
    const frames: Uint8Array[] = [];
    const reader = new FrameReader('any', (frame) => frames.push(Uint8Array.from(frame)));
    socket.on('data', (octets: Buffer) => reader.push(octets));
    // From behind `wan` to a host behind `two`.
    const packet = echoRequest();
    packet.set([10, 7, 0, 9], 16);
    packet.set([0, 0], 10);
    const checksum = finish(sum(packet, 0, 20));
    packet.set([checksum >>> 8, checksum & 255], 10);
    await new Promise((resolve) => socket.once('connect', resolve));
    // Again and again, as ping does: what comes before the other side has taken our call up meets nobody there.
    for (let waits = 0; waits < 200 && frames.length === 0; waits++) {
      if (waits % 10 === 0) child.stdin?.write(framed(packet));
      await new Promise((go) => setTimeout(go, 20));
    }
    expect([...(frames[0] ?? [])].slice(12, 20)).toEqual([10, 9, 0, 1, 10, 7, 0, 9]);
    socket.destroy();
    child.kill('SIGTERM');
    expect((await result).code).toBe(143);
  });
});
