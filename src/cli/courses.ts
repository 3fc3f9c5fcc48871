/** The courses: which scenarios, in which order. */

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { About, Course } from '../tui/gallery/gallery.ts';
import { bundledNames, bundledPath } from './bundled.ts';

/** What belongs to none of them stands in a list of its own behind them. */
const COURSES: readonly { readonly title: string; readonly names: readonly string[] }[] = [
  {
    title: 'Networking 101',
    names: [
      'first-packet',
      'arp-before-ip',
      'switch-learns',
      'two-hops',
      'wrong-mask',
      'traceroute-lies',
      'dns-then-tcp',
      'tcp-handshake',
      'tcp-stream-not-messages',
      'tcp-lost-segment',
      'slow-start-to-cubic',
      'udp-is-not-faster',
      'four-way-close',
      'ws-upgrade',
    ],
  },
  {
    title: 'Realtime web',
    names: [
      'tcp-stream-not-messages',
      'udp-is-not-faster',
      'ack-is-not-delivered',
      'ws-upgrade',
      'ws-hol-blocking',
      'ws-half-open',
      'proxy-60s',
      'ws-backpressure',
      'sio-upgrade',
      'sio-offline-emit',
      'sio-recovery',
      'sio-sticky',
      'sio-duplicate-listeners',
      'reconnect-storm',
      'mqtt-qos',
      'queue-redelivery',
    ],
  },
  {
    title: 'Protocol engineering',
    names: [
      'mtu-blackhole',
      'tcp-lost-segment',
      'tcp-reorder',
      'slow-start-to-cubic',
      'bufferbloat',
      'flow-vs-congestion',
      'nagle-delayed-ack',
      'four-way-close',
      'fairness-two-flows',
    ],
  },
];

const MYSTERY = /^mystery-\d+$/;

/** Of the scenarios that are there; every one of them stands in at least one course. */
export async function bundledCourses(): Promise<Course[]> {
  const names = await bundledNames();
  const named = new Set(COURSES.flatMap((course) => course.names));
  const lists = [
    ...COURSES,
    { title: 'Fault finding', names: names.filter((name) => MYSTERY.test(name)) },
    { title: 'More', names: names.filter((name) => !named.has(name) && !MYSTERY.test(name)) },
  ];
  return lists
    .map(({ title, names: wanted }) => ({
      title,
      scenarios: wanted.filter((name) => names.includes(name)).map((name) => ({ name, title: titleOf(name) })),
    }))
    .filter(({ scenarios }) => scenarios.length > 0);
}

/** Without reading all of a file: forty of them are listed before the first screen. */
function titleOf(name: string): string {
  const [, title = name] = /^title:\s*(.+)$/m.exec(readFileSync(bundledPath(name), 'utf8')) ?? [];
  return title.replace(/^(["'])(.*)\1$/, '$2');
}

/** What a scenario is about, from its file; values of the run that stand in a question are left to the lesson. */
export function aboutReader(): (name: string) => About {
  const known = new Map<string, About>();
  return (name) => {
    const before = known.get(name);
    if (before) return before;
    const file = parse(readFileSync(bundledPath(name), 'utf8')) as Record<string, unknown>;
    const lesson = (file.lesson ?? {}) as Record<string, unknown>;
    const question = typeof lesson.question === 'string' && !lesson.question.includes('{{') ? lesson.question : null;
    const about = { summary: typeof file.summary === 'string' ? file.summary : '', question };
    known.set(name, about);
    return about;
  };
}
