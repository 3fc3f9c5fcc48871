/** SEGMENT ARRIVES (RFC 9293 section 3.10.7), in the order of the RFC's own steps. */

import type { DropReason } from '../../../kernel/journal.ts';
import { drop } from '../../drop.ts';
import { opened, type Pdu } from '../../pdu.ts';
import type { Connection } from './connection.ts';
import { CE } from './ecn.ts';
import { ACK, CWR, ECE, FIN, RST, SYN } from './header.ts';
import { NEWS } from './news.ts';
import type { Segment } from './segment.ts';
import { add, after, atOrBefore, before, distance, isAcceptable } from './sequence.ts';
import { mayReceive } from './state.ts';

export function arrive(connection: Connection, pdu: Pdu, segment: Segment): void {
  if (connection.state === 'SYN-SENT') {
    inSynSent(connection, pdu, segment);
    return;
  }
  if (isCrossingSynAck(connection, segment)) takeOffSyn(segment);
  if (!checkTimestamps(connection, pdu, segment)) return;
  if (!checkSequence(connection, pdu, segment)) return;
  noteTimestamp(connection, segment);
  opened(connection.host.context, pdu, 4, 'tcp', connection.machine);
  if (segment.has(RST)) {
    onReset(connection, pdu, segment);
    return;
  }
  if (segment.has(SYN)) {
    // RFC 5961 section 4.2: a SYN in a synchronized state gets a challenge ACK, whatever its number.
    reject(connection, pdu, 'not-acceptable', 'a SYN on a connection that is up gets a challenge ACK');
    challenge(connection);
    return;
  }
  if (!segment.has(ACK)) {
    reject(connection, pdu, 'not-acceptable', 'every segment of a connection carries an ACK; this one does not');
    return;
  }
  if (!onAcknowledgment(connection, pdu, segment)) return;
  connection.sender.ecn.onSegment(pdu.ecn === CE, segment.has(CWR));
  onText(connection, pdu, segment);
  onFin(connection, segment);
}

/** 3.10.7.3. */
function inSynSent(connection: Connection, pdu: Pdu, segment: Segment): void {
  const { sender } = connection;
  const { acknowledgment } = segment;
  if (segment.has(ACK)) {
    if (atOrBefore(acknowledgment, sender.iss) || after(acknowledgment, sender.sndMax)) {
      if (segment.has(RST))
        reject(connection, pdu, 'not-acceptable', 'a RST that acknowledges nothing of ours is ignored');
      else {
        reject(
          connection,
          pdu,
          'not-acceptable',
          'it acknowledges what was never sent: an old connection, answered by RST',
        );
        connection.transmit(acknowledgment, RST, 0, 0);
      }
      return;
    }
  }
  if (segment.has(RST)) {
    if (!segment.has(ACK)) {
      reject(connection, pdu, 'not-acceptable', 'a RST without an ACK proves nothing here (RFC 9293 section 3.10.7.3)');
      return;
    }
    opened(connection.host.context, pdu, 4, 'tcp', connection.machine);
    connection.over('refused', 'the peer refused: a RST answered our SYN');
    return;
  }
  if (!segment.has(SYN)) {
    reject(connection, pdu, 'not-acceptable', 'neither SYN nor RST: nothing to do with our SYN');
    return;
  }
  opened(connection.host.context, pdu, 4, 'tcp', connection.machine);
  connection.takeSyn(segment);
  sender.setWindow(segment.sequence, acknowledgment, segment.window);
  if (segment.has(ACK)) {
    sender.onNewAck(acknowledgment, segment.options, null);
    // The third step of the handshake leaves by itself, before the user can have written anything.
    connection.acknowledge();
    connection.established('the SYN-ACK arrived');
    return;
  }
  // MUST-10: both opened at once; our SYN goes again, now with an ACK for theirs.
  connection.synHasAck = true;
  connection.become('SYN-RECEIVED', 'the SYNs crossed: both sides open at once');
  sender.sendSyn();
}

/** Figure 7: after crossing SYNs each side gets a SYN-ACK whose SYN it knows already; only its ACK is news. */
function isCrossingSynAck(connection: Connection, segment: Segment): boolean {
  return (
    connection.state === 'SYN-RECEIVED' &&
    !connection.isPassive &&
    segment.has(SYN) &&
    segment.has(ACK) &&
    segment.sequence === connection.receiver.irs
  );
}

function takeOffSyn(segment: Segment): void {
  segment.flags &= ~SYN;
  segment.sequence = add(segment.sequence, 1);
}

/** PAWS, RFC 7323 section 5.3, R1: ahead of all else. */
function checkTimestamps(connection: Connection, pdu: Pdu, segment: Segment): boolean {
  const { timestamps } = connection;
  if (!timestamps.isOn || segment.has(RST)) return true;
  if (!segment.options.hasTimestamps) {
    if (!connection.host.profile.requiresTimestamps) return true;
    const detail = 'timestamps were agreed on and this segment has none (RFC 7323 section 3.2)';
    reject(connection, pdu, 'not-acceptable', detail);
    return false;
  }
  if (!timestamps.isOld(segment.options.tsVal)) return true;
  reject(connection, pdu, 'not-acceptable', 'its timestamp is older than one that counted: PAWS (RFC 7323 section 5)');
  connection.receiver.seeOld(segment.sequence, segment.dataLength);
  connection.acknowledge();
  return false;
}

function noteTimestamp({ timestamps, receiver }: Connection, segment: Segment): void {
  if (!timestamps.isOn || !segment.options.hasTimestamps || segment.has(RST)) return;
  timestamps.update(segment.options.tsVal, segment.sequence, receiver.lastAckSent);
}

/** First step, 3.10.7.4: the segment must lie in the window. Answers by itself when it does not. */
function checkSequence(connection: Connection, pdu: Pdu, segment: Segment): boolean {
  const { receiver } = connection;
  const { rcvNxt, rcvWnd } = receiver;
  if (isAcceptable(segment.sequence, segment.length, rcvNxt, rcvWnd)) return true;
  // "If the RCV.WND is zero, no segments will be acceptable, but special allowance should be made to accept valid
  // ACKs, URGs, and RSTs." The data of a probe is cut off; its ACK counts, and so does a FIN that comes without data.
  if (rcvWnd === 0 && segment.sequence === rcvNxt && !segment.has(SYN)) {
    receiver.mustAcknowledge = true;
    return true;
  }
  if (segment.has(RST)) {
    reject(connection, pdu, 'out-of-window', 'a RST outside the window is ignored');
    return false;
  }
  if (isRepeatedSyn(connection, segment)) {
    reject(connection, pdu, 'duplicate', 'the SYN came again: the SYN-ACK goes again');
    connection.sender.repeatSyn();
    return false;
  }
  const isOld = atOrBefore(add(segment.sequence, segment.length), rcvNxt);
  const detail = isOld
    ? 'all of it arrived before'
    : `it lies outside the window of ${rcvWnd} octets that starts at ${rcvNxt >>> 0}`;
  reject(connection, pdu, isOld ? 'duplicate' : 'out-of-window', detail);
  if (connection.state === 'TIME-WAIT' && segment.has(FIN)) connection.waitTwoLifetimes();
  if (isOld) receiver.seeOld(segment.sequence, segment.dataLength);
  // An acceptable ACK on an old segment is not lost: it comes again on every later one.
  // Of two ends that find each other's ACKs outside their windows, as TIME-WAIT and whom an old SYN woke, each answers the
  // other's answer for ever: of what is empty only so many are answered.
  if (segment.length > 0) connection.acknowledge();
  else challenge(connection);
  return false;
}

/** An ACK that says where we are, to somebody who may not be our peer: not too many of those (RFC 5961 section 7). */
function challenge(connection: Connection): void {
  if (connection.mayChallenge()) connection.acknowledge();
}

function isRepeatedSyn(connection: Connection, segment: Segment): boolean {
  const isSyn = (segment.flags & ~(ECE | CWR)) === SYN;
  return connection.state === 'SYN-RECEIVED' && isSyn && segment.sequence === connection.receiver.irs;
}

/** Second step; RFC 5961 section 3.2 lets only the exact number reset a connection. */
function onReset(connection: Connection, pdu: Pdu, segment: Segment): void {
  if (segment.sequence !== connection.receiver.rcvNxt) {
    reject(connection, pdu, 'not-acceptable', 'a RST in the window, not exactly at RCV.NXT, gets a challenge ACK');
    challenge(connection);
    return;
  }
  const { state } = connection;
  if (state === 'SYN-RECEIVED') {
    connection.over(connection.isPassive ? 'reset' : 'refused', 'a RST arrived before the connection was up');
  } else if (state === 'TIME-WAIT') {
    if (connection.host.profile.timeWaitIgnoresReset) {
      reject(connection, pdu, 'not-acceptable', 'TIME-WAIT ignores resets (RFC 1337)');
    } else connection.over('finished', 'a RST ended TIME-WAIT');
  } else {
    const isLate = state === 'CLOSING' || state === 'LAST-ACK';
    connection.over(isLate ? 'finished' : 'reset', 'the peer reset the connection');
  }
}

/** Fifth step. False: nothing of the segment is to be taken. */
function onAcknowledgment(connection: Connection, pdu: Pdu, segment: Segment): boolean {
  const { sender } = connection;
  const { acknowledgment } = segment;
  if (connection.state === 'SYN-RECEIVED' && !openByAck(connection, pdu, segment)) return false;
  if (after(acknowledgment, sender.sndMax)) {
    reject(connection, pdu, 'not-acceptable', 'it acknowledges what was never sent');
    challenge(connection);
    return false;
  }
  if (distance(acknowledgment, sender.sndUna) < -sender.window.greatest) {
    reject(connection, pdu, 'not-acceptable', 'its ACK is older than any window (RFC 5961 section 5.2)');
    challenge(connection);
    return false;
  }
  sender.onSignOfLife();
  if (before(acknowledgment, sender.sndUna)) return true;
  const isDuplicate = isDuplicateAck(connection, segment);
  const isUpdate = sender.updateWindow(segment.sequence, acknowledgment, segment.window);
  if (after(acknowledgment, sender.sndUna)) {
    // SND.WND counts from SND.UNA, and a retransmission of the peer acknowledges news under an old SEQ.
    const isTold = sender.window.isToldBy(segment.sequence, acknowledgment);
    if (!isTold) sender.window.keepEdge(distance(acknowledgment, sender.sndUna));
    sender.onNewAck(acknowledgment, segment.options, echoed(connection, segment));
    connection.hasNews(NEWS.drain);
    connection.confirmNextHop();
  } else sender.onSameAck(segment.options, isDuplicate && !isUpdate);
  if (segment.has(ECE)) sender.onEcho();
  afterAcknowledgment(connection);
  return true;
}

/** RFC 7323 section 4.1: the round trip that an echoed timestamp tells. */
function echoed({ timestamps }: Connection, { options }: Segment): number | null {
  return timestamps.isOn && options.hasTimestamps ? timestamps.roundTripNs(options.tsEcr) : null;
}

/** MUST: in SYN-RECEIVED the ACK must be exactly for our SYN, else RST (3.10.7.4). */
function openByAck(connection: Connection, pdu: Pdu, segment: Segment): boolean {
  const { sender } = connection;
  const isOurs = after(segment.acknowledgment, sender.iss) && atOrBefore(segment.acknowledgment, sender.sndMax);
  if (!isOurs) {
    reject(connection, pdu, 'not-acceptable', 'it acknowledges something else than our SYN: answered by RST');
    connection.transmit(segment.acknowledgment, RST, 0, 0);
    return false;
  }
  sender.setWindow(segment.sequence, segment.acknowledgment, segment.window);
  sender.onNewAck(segment.acknowledgment, segment.options, null);
  connection.established('the ACK of our SYN arrived');
  return true;
}

/** RFC 5681 section 2: data outstanding, no data, no SYN or FIN, the highest ACK, the same window. */
function isDuplicateAck(connection: Connection, segment: Segment): boolean {
  const { sender } = connection;
  return (
    sender.sndMax !== sender.sndUna &&
    !sender.isProbing &&
    segment.length === 0 &&
    segment.acknowledgment === sender.sndUna &&
    segment.window === sender.sndWnd
  );
}

/** What an ACK of our FIN means depends on the state. */
function afterAcknowledgment(connection: Connection): void {
  if (!connection.sender.isFinAcknowledged) return;
  if (connection.state === 'FIN-WAIT-1') connection.become('FIN-WAIT-2', 'our FIN was acknowledged');
  else if (connection.state === 'CLOSING') connection.startTimeWait('our FIN was acknowledged');
  else if (connection.state === 'LAST-ACK') connection.over('finished', 'our FIN was acknowledged');
}

/** Seventh step: the octets. */
function onText(connection: Connection, pdu: Pdu, segment: Segment): void {
  const { receiver } = connection;
  if (segment.dataLength === 0) return;
  if (!mayReceive(connection.state)) {
    if (connection.state !== 'CLOSED') reject(connection, pdu, 'closed', 'the peer had said that it sends no more');
    return;
  }
  if (connection.isAbandoned) {
    // RFC 9293 section 3.10.4: nobody will ever read this; the peer should know (RFC 1122 section 4.2.2.13).
    reject(connection, pdu, 'closed', 'the user has closed; data is answered by RST');
    connection.abort();
    return;
  }
  const length = Math.min(segment.dataLength, receiver.roomAfter(segment.sequence));
  if (length <= 0) return;
  if (length < segment.dataLength) takeOffTail(segment, length);
  pdu.start = segment.dataAt;
  pdu.end = segment.dataAt + length;
  if (receiver.take(segment.sequence, pdu) > 0) connection.hasNews(NEWS.readable);
}

/** Octets beyond the window go, and a FIN behind them with them. */
function takeOffTail(segment: Segment, length: number): void {
  segment.end = segment.dataAt + length;
  segment.flags &= ~FIN;
}

/** Eighth step. A FIN ahead of a gap is remembered and counts when the gap has filled. */
function onFin(connection: Connection, segment: Segment): void {
  const { receiver, state } = connection;
  if (segment.has(FIN)) receiver.seeFin(add(segment.sequence, segment.dataLength));
  if (!receiver.isFinNext || !mayReceive(state)) return;
  receiver.takeFin();
  connection.hasNews(NEWS.end);
  if (state === 'ESTABLISHED') connection.become('CLOSE-WAIT', 'the FIN of the peer arrived');
  else if (state === 'FIN-WAIT-1') connection.become('CLOSING', 'the FINs crossed');
  else connection.startTimeWait('the FIN of the peer arrived');
}

function reject(connection: Connection, pdu: Pdu, reason: DropReason, detail: string): void {
  drop(connection.host.context, pdu, 4, 'tcp', connection.machine, reason, detail);
}
