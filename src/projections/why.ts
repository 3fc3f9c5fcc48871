/**
 * "Why?" in a sentence, from the causes that the journal keeps. Only what had happened by then is used, and only what
 * is true: the simulator's knowledge, where a host could not know it, says so.
 */

import type { Decoded, Dropped, Encoded, Entry, Measured, OnLink, TimerChanged } from '../kernel/journal.ts';
import { fieldsOf, fieldText } from '../layers/codecs.ts';
import type { Chronicle } from './chronicle.ts';
import { nestOf, osiLayer } from './stack-at.ts';
import { readSegment, type SentSegment } from './tcp-log.ts';
import { duration, seconds } from './time.ts';

export function whyAt(chronicle: Chronicle, seq: number): string {
  const entry = chronicle.entries[seq];
  if (!entry) return 'Nothing has happened yet.';
  const { event } = entry;
  switch (event.kind) {
    case 'encoded':
      return whyMade(chronicle, entry, event);
    case 'decoded':
      return whyTaken(event, entry.node);
    case 'queued':
      return `The transmitter towards ${event.link} is busy with an earlier frame: this one waits, ${event.measure} in the queue.`;
    case 'departed':
      return whySent(chronicle, event);
    case 'arrived':
      return whyArrived(chronicle, entry, event);
    case 'dropped':
      return whyDropped(entry, event);
    case 'state':
      return `${event.machine} of ${entry.node} goes from ${event.from} to ${event.to}: ${event.because}.`;
    case 'metric':
      return whyMeasured(chronicle, entry);
    case 'timer':
      return whyTimer(chronicle, entry, event);
    case 'table': {
      const { key, row, table, because } = event.change;
      return `${entry.node} ${row ? 'writes' : 'forgets'} ${key} ${row ? 'into' : 'from'} its ${table} table: ${because}.`;
    }
    case 'input':
      return `From outside: ${event.text}.`;
    case 'app':
      return `${event.machine} of ${entry.node}: ${event.text}.`;
  }
}

/** What a frame on the wire is there for: the reason of the innermost PDU that has one. */
function whySent(chronicle: Chronicle, event: OnLink): string {
  const nest = nestOf(chronicle.entries, event.carries);
  const inner = nest.find(({ layer }) => layer < 7) ?? nest[0];
  const made = inner ? chronicle.entries[inner.seq] : undefined;
  const flight = `Its last bit is there ${duration(event.measure)} after the first left.`;
  if (made?.event.kind !== 'encoded') return flight;
  const why = whyMade(chronicle, made, made.event);
  return made.event.protocol === 'tcp' || made.event.protocol === 'arp' ? why : `${why} ${flight}`;
}

function whyArrived(chronicle: Chronicle, entry: Entry, event: OnLink): string {
  const departed = entry.cause === null ? undefined : chronicle.entries[entry.cause];
  const tookNs = departed ? entry.atNs - departed.atNs : 0;
  return `The last of ${event.bytes.length * 8} bits is at ${entry.node}, ${duration(tookNs)} after the first left. Next, layer 2 checks address and FCS.`;
}

function whyMade(chronicle: Chronicle, entry: Entry, event: Encoded): string {
  const { protocol, bytes } = event;
  switch (protocol) {
    case 'tcp':
      return whySegment(chronicle, entry, event);
    case 'ethernet':
      return `Layer 2 frames it for the next station, ${field('eth', bytes, 'eth.dst')}: addresses in front, FCS behind.`;
    case 'ipv4':
      return whyPacket(chronicle, entry, bytes);
    case 'ipv6':
      return whyPacket6(chronicle, entry, bytes);
    case 'arp':
      return whyArp(bytes);
    case 'icmp':
      return whyIcmp(chronicle, entry);
    case 'icmpv6':
      return whyDiscovery(bytes) ?? whyIcmp(chronicle, entry);
    case 'udp':
      return `UDP puts ports, a length and a checksum in front, and forgets it: nobody will tell whether it arrives.`;
    default: {
      const input = causeOf(chronicle, entry, ({ event: { kind } }) => kind === 'input' || kind === 'decoded');
      const because = !input
        ? ''
        : input.event.kind === 'input'
          ? ` because somebody asked for it: ${input.event.text}`
          : ` in answer to what it got`;
      return `${entry.node} makes a ${osiLayer(event.layer).pdu} of ${octets(bytes.length)} (${protocol})${because}.`;
    }
  }
}

function whySegment(chronicle: Chronicle, entry: Entry, event: Encoded): string {
  const end = chronicle.tcp.end(`${entry.node}.${event.via}`);
  const sent = end?.sent[end.sentUntil(entry.seq) - 1];
  const cause = entry.cause === null ? undefined : chronicle.entries[entry.cause];
  const timer = causeOf(chronicle, entry, ({ event: { kind } }) => kind === 'timer' || kind === 'decoded');
  if (sent?.isRetransmission) {
    if (timer?.event.kind === 'timer') return whyTimedOut(chronicle, entry, timer, sent);
    const heard = end?.heard[end.heardUntil(entry.seq) - 1];
    const what = sent.dataBytes > 0 ? octets(sent.dataBytes) : 'segment';
    if (heard && heard.duplicates >= 3) {
      return `Third duplicate ACK for ${sent.from}: the gap of ${what} is repaired without waiting for the timer (RFC 5681 §3.2).`;
    }
    return `The ACK up to ${sent.from} was a partial one: the next gap, ${what}, is repaired at once (RFC 6582 §3.2).`;
  }
  const numbers = readSegment(event.bytes);
  const flags = event.bytes[13] ?? 0;
  if (flags & 4) return `A reset: ${entry.node} has no use for what it got, or its user gave up (RFC 9293 §3.5.2).`;
  if (flags & 2) {
    return flags & 16
      ? `${entry.node} accepts the connection: its own first sequence number is ${numbers.sequence}, and it acknowledges the other's SYN.`
      : `${entry.node} asks for a connection and says its first sequence number, ${numbers.sequence}, and the segments it can take.`;
  }
  if (flags & 1)
    return `${entry.node} has sent its last octet: FIN closes its half of the connection; the other half stays open.`;
  if (numbers.dataBytes > 0) return whyData(chronicle, entry, event, numbers.dataBytes);
  const fired = cause?.event.kind === 'timer' ? cause.event : null;
  if (fired?.name === 'delayed-ack')
    return `The delayed-ACK timer fired: nothing came that the ACK could have ridden on (RFC 9293 §3.8.6.3).`;
  if (fired?.name === 'persist')
    return `The persist timer fired: the other side's window is closed, and it is asked whether it has opened.`;
  return `An ACK alone: ${entry.node} has everything before ${numbers.acknowledgment} and waits for that octet.`;
}

function whyTimedOut(chronicle: Chronicle, entry: Entry, timer: Entry, sent: SentSegment): string {
  const set = timer.cause === null ? undefined : chronicle.entries[timer.cause];
  const waited = set ? duration(timer.atNs - set.atNs) : '?';
  const machine = timer.event.kind === 'timer' ? timer.event.machine : '';
  const name = timer.event.kind === 'timer' ? timer.event.name : '';
  const times = chronicle.series.firedInARow(`${entry.node}.${machine}.${name}`, entry.seq);
  const what = sent.dataBytes > 0 ? `${octets(sent.dataBytes)} leave` : 'segment leaves';
  const again = times > 1 ? ` It fired ${times} times in a row: each wait is twice the one before.` : '';
  return `The retransmission timer (RTO = ${waited}) fired: the same ${what} again, with the same sequence number.${again}`;
}

function whyData(chronicle: Chronicle, entry: Entry, event: Encoded, dataBytes: number): string {
  const messages = event.carries.length;
  const message = chronicle.entries[event.carries[0] ?? -1]?.event;
  const whole = message?.kind === 'encoded' ? message.bytes.length : 0;
  const of =
    messages > 1
      ? `, parts of ${messages} messages`
      : whole > dataBytes
        ? ` of a message of ${whole}`
        : ', a whole message';
  const room = chronicle.series.valueAt(`${entry.node}.${event.via}.cwnd`, entry.seq);
  const cause = causeOf(chronicle, entry, ({ event: { kind } }) => kind === 'decoded' || kind === 'input');
  const opened = cause?.event.kind === 'decoded' && cause.event.layer === 4 ? '; an ACK made room' : '';
  const window = room === undefined ? '' : ` cwnd allows ${octets(room)}.`;
  return `TCP sends ${octets(dataBytes)}${of}${opened}.${window}`;
}

function whyPacket(chronicle: Chronicle, entry: Entry, bytes: Uint8Array): string {
  const to = field('ip', bytes, 'ip.dst');
  const from = field('ip', bytes, 'ip.src');
  const ttl = field('ip', bytes, 'ip.ttl');
  const cause = entry.cause === null ? undefined : chronicle.entries[entry.cause];
  if (cause?.event.kind === 'decoded' && cause.event.layer === 3) {
    return `${entry.node} routes it on: addresses stay ${from} → ${to}, the TTL falls to ${ttl}, the header checksum is made anew.`;
  }
  return `IPv4 says from where and to where, ${from} → ${to}, and how many routers it may pass (TTL ${ttl}).`;
}

function whyPacket6(chronicle: Chronicle, entry: Entry, bytes: Uint8Array): string {
  const [from, to] = [field('ipv6', bytes, 'ipv6.src'), field('ipv6', bytes, 'ipv6.dst')];
  const hopLimit = field('ipv6', bytes, 'ipv6.hlim');
  const cause = entry.cause === null ? undefined : chronicle.entries[entry.cause];
  if (cause?.event.kind === 'decoded' && cause.event.protocol === 'ipv6') {
    return `${entry.node} routes it on: addresses stay ${from} → ${to}, the hop limit falls to ${hopLimit}; there is no checksum to make anew.`;
  }
  return `IPv6 says from where and to where, ${from} → ${to}, and how many routers it may pass (hop limit ${hopLimit}).`;
}

/** The messages of Neighbour Discovery by their ICMPv6 type; null: it is none. */
function whyDiscovery(bytes: Uint8Array): string | null {
  switch (bytes[0]) {
    case 133:
      return `A host asks all routers of its link to say what they are and which prefixes are in use.`;
    case 134:
      return `A router tells its link that it is there, and the prefixes that hosts may make addresses of.`;
    case 135:
      return `Whoever has an address is asked for: not everybody, but the group that its last 24 bits name.`;
    case 136:
      return `The station that has the address says so, with its MAC address.`;
    default:
      return null;
  }
}

function whyArp(bytes: Uint8Array): string {
  const target = field('arp', bytes, 'arp.dst.proto_ipv4');
  const sender = field('arp', bytes, 'arp.src.proto_ipv4');
  const isRequest = (bytes[7] ?? 0) === 1;
  return isRequest
    ? `Nobody knows yet which station has ${target}: everybody on the link is asked, and the packet waits.`
    : `${sender} was asked for: its station answers, to the one who asked.`;
}

function whyIcmp(chronicle: Chronicle, entry: Entry): string {
  const cause = causeOf(
    chronicle,
    entry,
    ({ event: { kind } }) => kind === 'decoded' || kind === 'dropped' || kind === 'input',
  );
  if (cause?.event.kind === 'dropped') return `ICMP reports to the sender what ended here: ${cause.event.detail}.`;
  if (cause?.event.kind === 'decoded') return `ICMP answers the echo request with the same octets.`;
  return `ICMP asks for an echo: whoever has the address sends the same octets back.`;
}

function whyTaken(event: Decoded, node: string): string {
  const { protocol } = event;
  switch (protocol) {
    case 'ethernet':
      return `The frame is for ${node} and its FCS is right: layer 2 takes its header off and hands the rest up.`;
    case 'switch':
      return `${node} looks at the addresses of the frame only: it learns where the sender is and decides where it goes.`;
    case 'ipv6':
      return `IPv6 of ${node} looks at the address and hands on or up what is inside; the header has no checksum.`;
    case 'ipv4':
      return `The packet's header checksum is right: IPv4 of ${node} looks at the address and hands on or up what is inside.`;
    case 'tcp':
    case 'udp':
      return `Ports and checksum are right: ${protocol.toUpperCase()} of ${node} knows whose it is (${event.via}).`;
    case 'arp':
      return `${node} reads the ARP message: whoever sent it also said where it is.`;
    default:
      return `${node} takes over ${octets(event.bytes.length)} (${protocol}): delivered.`;
  }
}

function whyDropped(entry: Entry, event: Dropped): string {
  const detail = event.detail.charAt(0).toUpperCase() + event.detail.slice(1);
  if (event.link !== '' && entry.node === event.link) {
    return `${detail} (${event.reason}). It is gone between the nodes: neither of them knows.`;
  }
  return `${detail} (${event.reason}): it ends here, in layer ${event.layer} of ${entry.node}.`;
}

function whyTimer(chronicle: Chronicle, entry: Entry, event: TimerChanged): string {
  const machine = `${event.machine} of ${entry.node}`;
  if (event.phase === 'set')
    return `${machine} sets its ${event.name} timer: due at ${seconds(event.dueNs)} s, in ${duration(event.dueNs - entry.atNs)}.`;
  if (event.phase === 'cleared') return `${machine} clears its ${event.name} timer: what it waited for has happened.`;
  const set = entry.cause === null ? undefined : chronicle.entries[entry.cause];
  const waited = set ? ` It was set ${duration(entry.atNs - set.atNs)} ago, and nothing cleared it.` : '';
  return `The ${event.name} timer of ${machine} fired.${waited}`;
}

/** Metrics come in groups: what changed, from what to what, and what made it. */
function whyMeasured(chronicle: Chronicle, entry: Entry): string {
  const changes: string[] = [];
  for (let at = entry.seq; at >= 0 && changes.length < 4; at--) {
    const one = chronicle.entries[at];
    if (one?.atNs !== entry.atNs || one.node !== entry.node) break;
    if (one.event.kind === 'timer' && one.event.phase !== 'fired') continue;
    if (one.event.kind !== 'metric') break;
    changes.unshift(changeText(chronicle, one, one.event));
  }
  const cause = causeOf(chronicle, entry, ({ event: { kind } }) => kind !== 'metric' && kind !== 'app');
  const because = cause ? ` after ${momentText(cause)}` : '';
  return `${entry.node}${because}: ${changes.join(', ')}.`;
}

function changeText(chronicle: Chronicle, entry: Entry, event: Measured): string {
  const before = chronicle.series.valueAt(`${entry.node}.${event.machine}.${event.name}`, entry.seq - 1);
  const isTime = event.name === 'rto' || event.name === 'srtt' || event.name === 'rtt';
  const text = (value: number) => (isTime ? duration(value) : String(value));
  return before === undefined
    ? `${event.name} ${text(event.value)}`
    : `${event.name} ${text(before)} → ${text(event.value)}`;
}

function momentText({ event }: Entry): string {
  switch (event.kind) {
    case 'decoded':
      return `what ${event.protocol.toUpperCase()} got`;
    case 'encoded':
      return `what ${event.protocol.toUpperCase()} sent`;
    case 'timer':
      return `the ${event.name} timer`;
    case 'state':
      return `${event.machine} became ${event.to}`;
    case 'input':
      return event.text;
    default:
      return `layer ${event.layer}`;
  }
}

/** The nearest cause that is of some kind, the entry itself left out. */
function causeOf(chronicle: Chronicle, entry: Entry, isIt: (cause: Entry) => boolean): Entry | undefined {
  for (let at = entry.cause; at !== null; ) {
    const cause: Entry | undefined = chronicle.entries[at];
    if (!cause) return undefined;
    if (isIt(cause)) return cause;
    at = cause.cause;
  }
  return undefined;
}

function field(protocol: string, bytes: Uint8Array, name: string): string {
  const found = fieldsOf(protocol, bytes).find(({ type }) => type.name === name);
  return found ? fieldText(found) : '?';
}

function octets(count: number): string {
  return count === 1 ? '1 octet' : `${count} octets`;
}
