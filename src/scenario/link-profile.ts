/**
 * What stands behind `profile:` on a link. Each number has its source; keys that are written go before.
 *
 * The access networks follow the connectivity profiles of WebPageTest (settings/connectivity.ini), whose round trip is
 * split evenly over both directions, as it does. Its shaper, dummynet, queues 50 packets where nothing else is said
 * (ipfw(8), "queue": "Default value is 50 slots"). Where a link is faster one way, the first end
 * of `between` is the subscriber: a to b is up, b to a is down.
 */

import type { ImpairmentSpec } from './scenario.ts';
import type { LinkProfileName } from './schema/link.ts';

/** A cable that does nothing to frames. 1,000 packets is netem's default `limit` (tc-netem(8)). */
export const PLAIN_LINK: ImpairmentSpec = {
  delayNs: 0,
  jitterNs: 0,
  bitsPerSecond: null,
  loss: { kind: 'uniform', perMillion: 0 },
  duplicatePerMillion: 0,
  reorderPerMillion: 0,
  corruptPerMillion: 0,
  queue: { packets: 1_000 },
  aqm: 'tail-drop',
  down: false,
  scripted: [],
};

type Numbers = Partial<Pick<ImpairmentSpec, 'delayNs' | 'jitterNs' | 'bitsPerSecond' | 'loss' | 'queue'>>;

const MS = 1_000_000;
const KBIT = 1_000;
const MBIT = 1_000_000;
const DUMMYNET_QUEUE = { packets: 50 } as const;

/** The same both ways. */
function both(numbers: Numbers): readonly [Numbers, Numbers] {
  return [numbers, numbers];
}

/**
 * A wireless LAN at home. Our own round numbers, for want of a source that would hold for any other home: half of what
 * an 802.11n link of one stream carries after its overhead, and a medium that is waited for a millisecond or two.
 */
const WIFI: Numbers = { delayNs: 2 * MS, jitterNs: MS, bitsPerSecond: 50 * MBIT };

export const LINK_PROFILES: Readonly<Record<LinkProfileName, readonly [aToB: Numbers, bToA: Numbers]>> = {
  // 1000BASE-T over its longest segment, 100 m (IEEE 802.3, 40.1), at 5 ns a metre; Linux queues 1,000 (txqueuelen).
  ethernet: both({ delayNs: 500, bitsPerSecond: 1_000 * MBIT, queue: { packets: 1_000 } }),
  // One frame in a thousand is lost after all of the radio's own retransmissions.
  wifi: both({ ...WIFI, loss: { kind: 'uniform', perMillion: 1_000 } }),
  // WebPageTest "DSL": 1,500 kbit/s down, 384 kbit/s up, 50 ms round trip.
  dsl: [
    { delayNs: 25 * MS, bitsPerSecond: 384 * KBIT, queue: DUMMYNET_QUEUE },
    { delayNs: 25 * MS, bitsPerSecond: 1_500 * KBIT, queue: DUMMYNET_QUEUE },
  ],
  // WebPageTest "3G": 1,600 kbit/s down, 768 kbit/s up, 300 ms round trip.
  '3g': [
    { delayNs: 150 * MS, bitsPerSecond: 768 * KBIT, queue: DUMMYNET_QUEUE },
    { delayNs: 150 * MS, bitsPerSecond: 1_600 * KBIT, queue: DUMMYNET_QUEUE },
  ],
  // WebPageTest "4G": 9,000 kbit/s both ways, 170 ms round trip.
  '4g': both({ delayNs: 85 * MS, bitsPerSecond: 9 * MBIT, queue: DUMMYNET_QUEUE }),
  // A geostationary satellite: 239.6 ms from ground to ground straight below it, 279.0 ms at the edge of its view
  // (RFC 2488, section 2); the rates are those that satellite access is commonly sold with, 25 down and 3 up.
  satellite: [
    { delayNs: 260 * MS, bitsPerSecond: 3 * MBIT },
    { delayNs: 260 * MS, bitsPerSecond: 25 * MBIT },
  ],
  // The far corner of the house: the same radio, with losses in bursts of five frames on average, one frame in 21 in all.
  'lossy-wifi': both({
    ...WIFI,
    loss: {
      kind: 'gilbert',
      enterPerMillion: 10_000,
      leavePerMillion: 200_000,
      goodPerMillion: 0,
      badPerMillion: 1_000_000,
    },
  }),
  // WebPageTest "Dial": 49 kbit/s down, 30 kbit/s up, 120 ms round trip.
  'dial-up': [
    { delayNs: 60 * MS, bitsPerSecond: 30 * KBIT, queue: DUMMYNET_QUEUE },
    { delayNs: 60 * MS, bitsPerSecond: 49 * KBIT, queue: DUMMYNET_QUEUE },
  ],
};
