/**
 * The `linux` profile and the kernel that runs here, asked the same segment by segment, over IPv4 and IPv6. Skipped, with
 * the reason, where no TUN device can be opened. `INTEROP=whole` waits for what takes a minute, too.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IP_PROTOCOL } from '../../src/layers/3-network/ipv4/header.ts';
import { LINUX_PROFILE } from '../../src/layers/4-transport/tcp/profile.ts';
import { u8 } from '../../src/wire/reader.ts';
import { askHost, ENDS, IP_PROBES, type IpProbe, inWords, LONE_FRAGMENT, payloadAt } from './ip-probes.ts';
import { jobFor, KernelPeer } from './kernel-peer.ts';
import { LinuxHost, whyNoTun } from './linux-host.ts';
import { DIFFERENCES, PROBES } from './probes.ts';
import { askOurs } from './script-peer.ts';

const FIRST_PORT = 7001;
const isWhole = process.env.INTEROP === 'whole';
const reason = whyNoTun();
const pause = (ms: number) => new Promise((go) => setTimeout(go, ms));
/** Neighbour Discovery and multicast listeners: what a host says of itself. */
const isOfItself = (type: number) => type >= 130 && type <= 143;

for (const family of ['ipv4', 'ipv6'] as const) {
  describe.skipIf(reason !== null)(
    `as Linux answers, ${family}${reason === null ? '' : ` (skipped: ${reason})`}`,
    () => {
      let linux: LinuxHost;
      const peers = PROBES.map(({ peerIss = 1_000_000 }, index) => new KernelPeer(family, FIRST_PORT + index, peerIss));
      const stray: Uint8Array[] = [];
      const icmp: Uint8Array[] = [];

      beforeAll(async () => {
        const jobs = PROBES.flatMap((probe, index) => jobFor(probe, family, FIRST_PORT + index) ?? []);
        // The shift of the window depends on how much memory a host has; errors are not what is to be limited here.
        const settings = ['ipv4.tcp_rmem=4096 131072 6291456', 'ipv4.icmp_ratelimit=0', 'ipv6.icmp.ratelimit=0'];
        linux = new LinuxHost([
          ...['--address', ENDS[family].cidr],
          ...settings.flatMap((setting) => ['--sysctl', `net.${setting}`]),
          ...jobs.flatMap((job) => ['--job', job]),
        ]);
        for (const peer of peers) peer.send = (packet) => linux.send(packet);
        linux.onPacket = (packet) => {
          if (u8(packet, 0) >>> 4 !== (family === 'ipv4' ? 4 : 6)) return;
          const protocol = u8(packet, family === 'ipv4' ? 9 : 6);
          if (protocol !== IP_PROTOCOL.tcp) {
            if (!isOfItself(u8(packet, payloadAt(family, packet)))) icmp.push(packet);
          } else if (!peers.some((peer) => peer.onPacket(packet))) stray.push(packet);
        };
        await linux.ready();
        const listening = PROBES.flatMap(({ does }, index) =>
          does === 'reads' || typeof does === 'number' ? [linux.listening(FIRST_PORT + index)] : [],
        );
        await Promise.all(listening);
      }, 30_000);

      afterAll(() => linux?.kill());

      PROBES.forEach((probe, index) => {
        const differs = DIFFERENCES[`${family}: ${probe.name}`];
        const test = probe.isAlone ? it : it.concurrent;
        test(`${probe.name}${differs ? ` (differs: ${differs})` : ''}`, { timeout: 30_000 }, async () => {
          const theirs = await probe.ask(peers[index] as KernelPeer);
          const ours = await askOurs(family, LINUX_PROFILE, probe);
          if (differs) expect(ours).not.toBe(theirs);
          else expect(ours).toBe(theirs);
        });
      });

      const told = async ({ packets, seconds = 0.3 }: IpProbe) => {
        icmp.length = 0;
        const beganMs = Date.now();
        for (const packet of packets(family)) linux.send(packet);
        for (let waits = 0; waits < seconds * 50 && icmp.length === 0; waits++) await pause(20);
        return { text: inWords(family, icmp), seconds: (Date.now() - beganMs) / 1000 };
      };

      // One after the other: what comes is told apart by when it comes.
      for (const probe of IP_PROBES) {
        it(probe.name, { timeout: 10_000 }, async () => {
          expect(askHost(family, probe).text).toBe((await told(probe)).text);
        });
      }

      it.runIf(isWhole)(LONE_FRAGMENT.name, { timeout: 90_000 }, async () => {
        const theirs = await told(LONE_FRAGMENT);
        const ours = askHost(family, LONE_FRAGMENT);
        expect(ours.text).toBe(theirs.text);
        // A wheel of timers turns in steps: Linux is late by up to a sixteenth.
        expect(theirs.seconds - ours.seconds).toBeGreaterThan(-0.1);
        expect(theirs.seconds / ours.seconds).toBeLessThan(1 + 1 / 16);
      });

      it('nothing else came', () => expect(stray).toEqual([]));
    },
  );
}
