/** Faults planted in our stack must be noticed: judges that cannot fail prove nothing. */

import { describe, expect, it } from 'vitest';
import { LINUX_PROFILE, RFC_PROFILE } from '../../src/layers/4-transport/tcp/profile.ts';
import { before } from '../../src/layers/4-transport/tcp/sequence.ts';
import type { Tcp } from '../../src/layers/4-transport/tcp/tcp.ts';
import { whyNoTun } from './linux-host.ts';
import type { RawLink } from './raw-link.ts';
import { type TransferOptions, transfer } from './transfer.ts';

const isWhole = process.env.INTEROP === 'whole';
const reason = isWhole ? whyNoTun() : 'only in npm run test:interop';
const HARM = { delayMs: 1, jitterMs: 0, loss: 0.12, duplicate: 0 };

/** One segment in eight leaves with a checksum that is one too high. */
function wrongChecksum(_tcp: Tcp, link: RawLink): void {
  const send = link.onPacketOut;
  let count = 0;
  link.onPacketOut = (packet) => {
    if (++count % 8 === 0) packet[37] = ((packet[37] ?? 0) + 1) & 0xff;
    send(packet);
  };
}

/** After a timeout it is forgotten how far was sent before. */
function lostSndMax(tcp: Tcp): void {
  const { network } = tcp;
  const send = network.send.bind(network);
  network.send = (...what) => {
    for (const { sender } of tcp.connections) if (before(sender.sndNxt, sender.sndMax)) sender.sndMax = sender.sndNxt;
    return send(...what);
  };
}

/** Octets that came before are not cut off the front of a segment. */
function noOverlapTrim(tcp: Tcp): void {
  const { network } = tcp;
  const send = network.send.bind(network);
  const tampered = new Set<unknown>();
  network.send = (...what) => {
    for (const { receiver } of tcp.connections) {
      if (tampered.has(receiver)) continue;
      tampered.add(receiver);
      const { buffer } = receiver;
      const insert = buffer.insert.bind(buffer);
      buffer.insert = (start, bytes) => insert(Math.max(start, buffer.next), bytes);
    }
    return send(...what);
  };
}

describe.skipIf(reason !== null)(`planted faults${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  /** Problems of up to four seeds, until there are some. */
  const problemsOf = async (options: Omit<TransferOptions, 'seed' | 'harm' | 'octets'>) => {
    const found = await Promise.all(
      [1, 2, 3, 4].map((seed) => transfer({ ...options, seed, harm: HARM, octets: 100_000, limitSeconds: 30 })),
    );
    return found.flat();
  };

  it.concurrent('the same transfers pass where nothing is planted', { timeout: 60_000 }, async () => {
    const small = { direction: 'Linux opens, Linux sends', profile: RFC_PROFILE, chunk: 400 } as const;
    expect(await problemsOf(small)).toEqual([]);
  });

  it.concurrent('a wrong checksum is seen in the counters of the kernel', { timeout: 60_000 }, async () => {
    const found = await problemsOf({ direction: 'we open, we send', profile: LINUX_PROFILE, plant: wrongChecksum });
    expect(found.some((problem) => /TcpInCsumErrors is [1-9]/.test(problem))).toBe(true);
  });

  it.concurrent('SND.MAX lost after a timeout never ends, or ends badly', { timeout: 60_000 }, async () => {
    const found = await problemsOf({ direction: 'we open, we send', profile: RFC_PROFILE, plant: lostSndMax });
    expect(found).not.toEqual([]);
  });

  it.concurrent('overlaps that are not trimmed are seen in the hash', { timeout: 60_000 }, async () => {
    const options = { direction: 'Linux opens, Linux sends', profile: RFC_PROFILE, chunk: 400 } as const;
    const found = await problemsOf({ ...options, plant: noOverlapTrim });
    expect(found.some((problem) => /SHA-256 differs/.test(problem))).toBe(true);
  });
});
