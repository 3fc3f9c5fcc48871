/** Linux's network tools and our simulated hosts and routers, through `packetwalk attach`, in real time. */

import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { Attached } from './attached.ts';
import { LinuxHost, whyNoTun } from './linux-host.ts';

const isWhole = process.env.INTEROP === 'whole';
const NEEDED = ['ping', 'traceroute', 'curl', ...(isWhole ? ['iperf3'] : [])];
const missing = NEEDED.filter((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0);
const reason = whyNoTun() ?? (missing.length > 0 ? `not installed: ${missing.join(', ')}` : null);

const noIperf = spawnSync('sh', ['-c', 'command -v iperf3']).status !== 0;

/** What the kernel must not have counted: packets that it could not read. */
const BROKEN = [
  ...['TcpInCsumErrors', 'IpInHdrErrors', 'IcmpInCsumErrors', 'UdpInCsumErrors'],
  ...['Ip6InHdrErrors', 'Icmp6InCsumErrors', 'Udp6InCsumErrors'],
];

const WEB = `
packetwalk: 1
title: A web server behind a router
profile: linux
nodes:
  r: { kind: router, interfaces: { wan: 10.9.0.2/24, lan: 10.8.0.1/24 } }
  server: { ip: 10.8.0.2/24, apps: { http-server: { pages: { /: "hello\\n", /big: { size: 1MB } } } } }
links:
  - { between: [r:lan, server], delay: 10ms, rate: 50Mbit }
`;

/** Two kernels, two routers between them, a narrow link with a smaller MTU in the middle. */
const MIDDLE = `
packetwalk: 1
title: Two routers between two kernels
nodes:
  r1: { kind: router, interfaces: { lan: 10.1.0.1/24, mid: 10.0.0.1/24 } }
  r2: { kind: router, interfaces: { lan: 10.2.0.1/24, mid: 10.0.0.2/24 } }
links:
  - { between: [r1:mid, r2:mid], delay: 5ms, rate: 10Mbit, mtu: 1400B, queue: 60pkt }
`;

const opened: { readonly attached: Attached; readonly hosts: LinuxHost[] }[] = [];

afterEach(async () => {
  for (const { attached, hosts } of opened.splice(0)) {
    for (const host of hosts) host.kill();
    await attached.end();
  }
});

/** The same over IPv6, the router being asked by a kernel; with `--tap` their neighbours find each other. */
const WEB6 = `
packetwalk: 1
title: A web server behind a router, over IPv6
profile: linux
nodes:
  r: { kind: router, interfaces: { wan: "fd00:9::2/64", lan: "fd00:8::1/64" } }
  server: { ip: "fd00:8::2/64", apps: { http-server: { pages: { /: "hello\\n", /big: { size: 1MB } } } } }
links:
  - { between: [r:lan, server], delay: 10ms, rate: 50Mbit, mtu: 1400B }
`;

async function behindRouter6(commands: readonly string[], tap: boolean): Promise<LinuxHost> {
  const attached = new Attached(WEB6, ['r:wan'], tap ? ['--stdio', '--tap'] : ['--stdio']);
  const options = ['--address', 'fd00:9::1/64', '--route', 'fd00:8::/64,fd00:9::2', ...(tap ? ['--tap'] : [])];
  await attached.carries(1);
  const linux = new LinuxHost([...options, ...commands.flatMap((command) => ['--job', `run ${command}`])]);
  opened.push({ attached, hosts: [linux] });
  attached.joinStdio(linux);
  return linux;
}

async function behindRouter(commands: readonly string[], tap: boolean): Promise<LinuxHost> {
  const attached = new Attached(WEB, ['r:wan'], tap ? ['--stdio', '--tap'] : ['--stdio']);
  const options = ['--address', '10.9.0.1/24', '--route', '10.8.0.0/24,10.9.0.2', ...(tap ? ['--tap'] : [])];
  await attached.carries(1);
  const linux = new LinuxHost([...options, ...commands.flatMap((command) => ['--job', `run ${command}`])]);
  opened.push({ attached, hosts: [linux] });
  attached.joinStdio(linux);
  return linux;
}

async function expectSound(linux: LinuxHost): Promise<void> {
  const counters = await linux.end();
  expect(Object.fromEntries(BROKEN.map((name) => [name, counters[name]]))).toEqual(
    Object.fromEntries(BROKEN.map((name) => [name, 0])),
  );
}

/** A server for iperf3 on a simulated host, behind a slow link. */
const MEASURED = `
packetwalk: 1
title: An iperf3 server behind a router
profile: linux
nodes:
  r: { kind: router, interfaces: { wan: 10.9.0.2/24, lan: 10.8.0.1/24 } }
  server: { ip: 10.8.0.2/24, apps: { iperf3-server: { port: 5201 } } }
links:
  - { between: [r:lan, server], delay: 5ms, rate: 10Mbit, queue: 60pkt }
`;

/** What `iperf3 -J` says at the end. */
interface IperfReport {
  readonly error?: string;
  readonly end: Readonly<Record<string, { readonly bytes: number; readonly bits_per_second: number }>>;
}

describe.skipIf(reason !== null || noIperf)('iperf3 on Linux and a simulated server', () => {
  const DIRECTIONS = {
    'sends to it': { words: '-t 3', sums: [['sum_sent', 'sum_received']] },
    'sends on three streams at once': { words: '-t 3 -P 3', sums: [['sum_sent', 'sum_received']] },
    'receives from it': { words: '-t 3 -R', sums: [['sum_sent', 'sum_received']] },
    'sends and receives': {
      words: '-t 4 --bidir',
      sums: [
        ['sum_sent', 'sum_received'],
        ['sum_sent_bidir_reverse', 'sum_received_bidir_reverse'],
      ],
    },
  } as const;

  for (const [what, { words, sums }] of Object.entries(DIRECTIONS)) {
    const isLong = /-P|--bidir/.test(words);
    it.skipIf(isLong && !isWhole)(`${what}: ${words}`, { timeout: 60_000 }, async () => {
      const attached = new Attached(MEASURED, ['r:wan'], ['--stdio']);
      await attached.carries(1);
      const command = `sleep 1; iperf3 -J -c 10.8.0.2 ${words}`;
      const linux = new LinuxHost([
        ...['--address', '10.9.0.1/24', '--route', '10.8.0.0/24,10.9.0.2', '--job', `run ${command}`],
      ]);
      opened.push({ attached, hosts: [linux] });
      attached.joinStdio(linux);
      const { output, status } = await linux.ran(command);
      const report = JSON.parse(output) as IperfReport;
      expect([status, report.error]).toEqual([0, undefined]);
      for (const [sent, received] of sums) {
        const [one, other] = [report.end[sent], report.end[received]];
        expect(one?.bytes).toBeGreaterThanOrEqual(other?.bytes ?? Number.POSITIVE_INFINITY);
        // Of 10 Mbit/s: 1448 octets of data in 1538 on the wire; both ways ACKs wait behind data. A machine that has
        // other things to do falls behind the clock, and is given time in the short form.
        const least = isWhole ? 8_000_000 : 3_000_000;
        expect(other?.bits_per_second).toBeGreaterThan(sums.length === 1 ? least : 2_000_000);
        expect(other?.bits_per_second).toBeLessThan(10_000_000);
      }
      await expectSound(linux);
    });
  }
});

describe.skipIf(reason !== null)(`packetwalk attach${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  // The first while neighbours are still being looked for; more at once than they keep waiting would be lost.
  const PING = 'ping -n -c 3 -i 0.2 -W 5 10.8.0.2';
  const PATH = 'sleep 2; traceroute -n -w 3 -q 1 10.8.0.2';
  const GET = 'sleep 2; curl -sS -m 20 http://10.8.0.2/';
  // The page is a pattern that tells of every octet that is not where it belongs; its hash is asked for twice.
  const BIG = 'for n in 1 2; do curl -sS -m 30 http://10.8.0.2/big | sha256sum; done';
  const POST =
    'head -c 300000 /dev/zero | curl -sS -m 30 -o /dev/null -w "%{http_code} %{size_upload}" --data-binary @- http://10.8.0.2/';

  for (const tap of [false, true]) {
    it(`${tap ? 'Ethernet frames' : 'IP packets'}: ping, traceroute and curl reach simulated hosts`, {
      timeout: 90_000,
    }, async () => {
      const linux = await behindRouter([PING, PATH, GET, BIG, POST], tap);
      expect((await linux.ran(PING)).output).toMatch(/3 received, 0% packet loss/);
      expect((await linux.ran(PATH)).output).toMatch(/ 1 {2}10\.9\.0\.2 .*\n 2 {2}10\.8\.0\.2 /);
      expect(await linux.ran(GET)).toEqual({ output: 'hello\n', status: 0 });
      const [first, second] = (await linux.ran(BIG)).output.trim().split('\n');
      expect(first).toBe(second);
      expect(first).not.toMatch(/^e3b0c44298fc/);
      expect((await linux.ran(POST)).output).toMatch(/^20\d 300000$/);
      await expectSound(linux);
    });
  }

  for (const tap of [false, true]) {
    it(`IPv6 in ${tap ? 'Ethernet frames' : 'IP packets'}: ping, path MTU, traceroute and curl`, {
      timeout: 90_000,
    }, async () => {
      const PING6 = 'ping -6 -n -c 3 -i 0.2 -W 5 fd00:8::2';
      const TOO_BIG = 'sleep 2; ping -6 -n -c 3 -i 0.2 -W 2 -M do -s 1400 fd00:8::2';
      const CUT = 'sleep 3; ping -6 -n -c 2 -i 0.2 -W 5 -s 3000 fd00:8::2';
      const NOBODY = 'sleep 2; ping -6 -n -c 1 -W 8 fd00:8::99';
      const PATH6 = 'sleep 2; traceroute -6 -n -w 3 -q 1 fd00:8::2';
      const GET6 = 'sleep 2; curl -sS -m 20 http://[fd00:8::2]/';
      const BIG6 = 'sleep 2; for n in 1 2; do curl -sS -m 30 http://[fd00:8::2]/big | sha256sum; done';
      const POST6 = `sleep 2; ${POST.replace('10.8.0.2', '[fd00:8::2]')}`;
      const linux = await behindRouter6([PING6, TOO_BIG, CUT, NOBODY, PATH6, GET6, BIG6, POST6], tap);
      expect((await linux.ran(PING6)).output).toMatch(/3 received, 0% packet loss/);
      expect((await linux.ran(TOO_BIG)).output).toMatch(/From fd00:9::2 .*Packet too big: mtu=1400/);
      expect((await linux.ran(CUT)).output).toMatch(/2 received, 0% packet loss/);
      expect((await linux.ran(NOBODY)).output).toMatch(/From fd00:9::2 .*Destination unreachable: Address unreachable/);
      expect((await linux.ran(PATH6)).output).toMatch(/ 1 {2}fd00:9::2 .*\n 2 {2}fd00:8::2 /);
      expect(await linux.ran(GET6)).toEqual({ output: 'hello\n', status: 0 });
      const [first, second] = (await linux.ran(BIG6)).output.trim().split('\n');
      expect(first).toBe(second);
      expect(first).not.toMatch(/^e3b0c44298fc/);
      expect((await linux.ran(POST6)).output).toMatch(/^20\d 300000$/);
      await expectSound(linux);
    });
  }

  it.runIf(isWhole)('two kernels with simulated routers between them', { timeout: 120_000 }, async () => {
    const attached = new Attached(MIDDLE, ['r1:lan', 'r2:lan=%/wan'], ['--stdio']);
    await attached.carries(2);
    const FITS = 'ping -n -c 2 -i 0.2 -W 5 -M do -s 1372 10.2.0.9';
    const TOO_LONG = 'ping -n -c 2 -i 0.2 -W 2 -M do -s 1472 10.2.0.9';
    const FRAGMENTS = 'sleep 3; ping -n -c 2 -i 0.2 -W 5 -M dont -s 3000 10.2.0.9';
    const TRACE = 'traceroute -n -w 3 -q 1 10.2.0.9';
    const IPERF = 'sleep 6; iperf3 -c 10.2.0.9 -t 8 -O 2 -f k';
    const commands = [FITS, TOO_LONG, FRAGMENTS, TRACE, IPERF];
    const near = new LinuxHost([
      ...['--address', '10.1.0.9/24', '--route', '10.2.0.0/24,10.1.0.1'],
      ...commands.flatMap((command) => ['--job', `run sleep 1; ${command}`]),
    ]);
    const far = new LinuxHost([
      ...['--address', '10.2.0.9/24', '--route', '10.1.0.0/24,10.2.0.1', '--job', 'run iperf3 -s -1'],
    ]);
    opened.push({ attached, hosts: [near, far] });
    attached.joinStdio(near);
    await attached.joinSocket('wan', far);
    const output = async (command: string) => (await near.ran(`sleep 1; ${command}`)).output;
    expect(await output(FITS)).toMatch(/2 received, 0% packet loss/);
    expect(await output(TOO_LONG)).toMatch(/From 10\.1\.0\.1 .*Frag needed and DF set \(mtu = 1400\)/);
    expect(await output(FRAGMENTS)).toMatch(/2 received, 0% packet loss/);
    expect(await output(TRACE)).toMatch(/ 1 {2}10\.1\.0\.1 .*\n 2 {2}10\.0\.0\.2 .*\n 3 {2}10\.2\.0\.9 /);
    const report = await output(IPERF);
    const kilobits = Number(/([\d.]+) Kbits\/sec +receiver/.exec(report)?.[1] ?? 0);
    // Of 10 Mbit/s: 1348 octets of data in 1438 on the wire with Ethernet's own 38, so 93 %.
    expect(kilobits, report).toBeGreaterThan(8_500);
    expect(kilobits, report).toBeLessThan(9_400);
    await expectSound(near);
    await expectSound(far);
  });
});
