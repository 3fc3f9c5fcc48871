/** One TCP connection: the state machine of RFC 9293 section 3.10 between a Sender and a Receiver. */

import { NOTHING } from '../../../kernel/journal.ts';
import type { IpAddress } from '../../../wire/address.ts';
import type { NetworkError } from '../../3-network/service.ts';
import { pseudoHeaderSum } from '../../3-network/service.ts';
import { opened, Pdu, sealed } from '../../pdu.ts';
import type { CloseReason, Endpoint, Stream, StreamUser } from '../service.ts';
import { arrive } from './arrival.ts';
import { ChallengeAcks } from './challenge.ts';
import type { ConnectionHost } from './connection-host.ts';
import { ECT_0 } from './ecn.ts';
import { ACK, CWR, ECE, RST, SYN, TCP_HEADER_BYTES, writeTcp } from './header.ts';
import { KeepAlive } from './keep-alive.ts';
import { Linger } from './linger.ts';
import { headerBytesTowards, sendMss, shiftFor } from './negotiation.ts';
import { NEWS, type News } from './news.ts';
import { OptionWriter } from './option-writer.ts';
import { GREATEST_SHIFT, readSynOptions } from './options.ts';
import type { Outlet } from './outlet.ts';
import { leastMtuTowards, PathMtu } from './path-mtu.ts';
import { Receiver } from './receive.ts';
import { dropUnacknowledged, dropUnread, type Ending } from './remains.ts';
import { SackBlocks } from './sack.ts';
import type { Segment } from './segment.ts';
import { Sender } from './send.ts';
import { add } from './sequence.ts';
import { isSynchronized, maySend, type TcpState } from './state.ts';
import { Timestamps } from './timestamps.ts';

export const TCP_PROTOCOL = 6;

export class Connection implements Stream, Outlet {
  // What every segment asks for comes first and lies together.
  readonly host: ConnectionHost;
  /** Its name in the journal. */
  readonly machine: string;
  /** Both ends, once more below. */
  readonly #localAddress: IpAddress;
  readonly #localPort: number;
  readonly #remoteAddress: IpAddress;
  readonly #remotePort: number;
  readonly sender: Sender;
  readonly receiver: Receiver;
  state: TcpState = 'CLOSED';
  readonly timestamps: Timestamps;
  readonly #options: OptionWriter;
  /** Null: nothing was learnt of the path yet. */
  #pathMtu: PathMtu | null = null;
  #mssBytes: number;
  /** SND.WIND.SHIFT of RFC 7323: their window fields count units of 2^shift octets. */
  #sndShift = 0;
  /** What the user is to be told when the segment that arrives is done with. */
  #news = 0;
  #wantsDrain = false;
  #isArriving = false;
  #keepAlive: KeepAlive | null = null;
  /** Null until a listener's accept has said who uses it. */
  user: StreamUser | null;
  readonly name: string;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Opened by a listener: a RST before it is established returns to LISTEN and nobody is told. */
  readonly isPassive: boolean;
  /** The user has called `close`: nobody reads what arrives. */
  isAbandoned = false;
  synHasAck = false;
  /** Both SYNs were acknowledged at some time. */
  wasEstablished = false;
  readonly #accept: ((connection: Connection) => StreamUser) | null;
  // Made when first needed: of most connections never, or at their end.
  #linger: Linger | null = null;
  #challenges: ChallengeAcks | null = null;
  #measures: Map<string, number> | null = null;

  constructor(
    host: ConnectionHost,
    name: string,
    local: Endpoint,
    remote: Endpoint,
    iss: number,
    user: StreamUser | null,
    accept: ((connection: Connection) => StreamUser) | null,
    mssBytes: number,
    timestampOffset: number,
  ) {
    this.host = host;
    this.name = name;
    this.machine = `tcp.${name}`;
    this.local = local;
    this.remote = remote;
    this.#localAddress = local.address;
    this.#localPort = local.port;
    this.#remoteAddress = remote.address;
    this.#remotePort = remote.port;
    this.user = user;
    this.#accept = accept;
    this.isPassive = accept !== null;
    this.#mssBytes = sendMss(null, mssBytes, typeof remote.address !== 'number');
    this.ownMssBytes = mssBytes;
    const { context, profile } = host;
    this.sender = new Sender(context, this.machine, this, profile, iss, this.#mssBytes);
    this.receiver = new Receiver(context, this.machine, profile, mssBytes, () => this.acknowledge());
    if (profile.keepAlive) this.keepAlive();
    this.timestamps = new Timestamps(context, timestampOffset);
    this.#options = new OptionWriter(profile, this.timestamps, this.receiver);
  }

  /** The MSS we announce. */
  readonly ownMssBytes: number;

  // --- what the user calls ------------------------------------------------------------------------------------------

  get unacknowledgedBytes(): number {
    return this.sender.buffer.length;
  }

  get writableBytes(): number {
    return this.sender.buffer.room;
  }

  get readableBytes(): number {
    return this.receiver.buffer.readableBytes;
  }

  write(bytes: Uint8Array, carries: readonly number[] = NOTHING): number {
    const mayWrite = (maySend(this.state) || !isSynchronized(this.state)) && this.state !== 'CLOSED';
    if (!mayWrite || this.sender.isFinQueued) return 0;
    const taken = this.sender.buffer.write(bytes, this.host.context.recording ? carries : NOTHING);
    if (taken < bytes.length) this.#wantsDrain = true;
    this.#push();
    return taken;
  }

  read(atMost = Number.MAX_SAFE_INTEGER): Uint8Array {
    const bytes = this.receiver.buffer.read(atMost);
    if (bytes.length > 0) this.#onRead();
    return bytes;
  }

  setNoDelay(): void {
    this.sender.noDelay = true;
    if (this.state !== 'CLOSED') this.#push();
  }

  skip(atMost = Number.MAX_SAFE_INTEGER): number {
    const skipped = this.receiver.buffer.skip(atMost);
    if (skipped > 0) this.#onRead();
    return skipped;
  }

  #onRead(): void {
    const tells = !this.#isArriving && isSynchronized(this.state) && this.receiver.isWorthUpdating;
    if (tells) this.acknowledge();
  }

  end(): void {
    if (this.sender.isFinQueued || this.state === 'CLOSED') return;
    if (this.state === 'SYN-SENT') {
      if (this.sender.buffer.length === 0) {
        this.over('aborted', 'the user closed before the connection was up');
        return;
      }
    }
    this.sender.queueFin();
    this.#push();
  }

  close(): void {
    if (this.isAbandoned || this.state === 'CLOSED') return;
    this.isAbandoned = true;
    this.#lingering.watch(this.state);
    if (this.receiver.buffer.readableBytes > 0 && isSynchronized(this.state)) {
      // SHLD-3: what was not read is lost, and the peer should know.
      this.#sendReset('the user closed with octets unread');
      this.over('aborted', 'the user closed with octets unread');
    } else this.end();
  }

  abort(): void {
    if (this.state === 'CLOSED') return;
    const knowsPeer = this.state !== 'SYN-SENT' && this.state !== 'LISTEN' && this.state !== 'TIME-WAIT';
    if (knowsPeer) this.#sendReset('the user aborted');
    this.over('aborted', 'the user aborted');
  }

  /** Data or FIN may be ready to leave; while a segment arrives that waits until its end, so that one ACK is enough. */
  #push(): void {
    if (!this.#isArriving) this.sender.output();
  }

  // --- opening ------------------------------------------------------------------------------------------------------

  connect(): void {
    this.become('SYN-SENT', 'the user connects');
    this.sender.sendSyn();
  }

  /** A listener got this SYN. */
  onSyn(pdu: Pdu, syn: Segment): void {
    opened(this.host.context, pdu, 4, 'tcp', this.machine);
    this.takeSyn(syn);
    this.sender.setWindow(syn.sequence, this.sender.iss, syn.window);
    this.synHasAck = true;
    this.become('SYN-RECEIVED', 'a SYN arrived at the listener');
    this.sender.sendSyn();
  }

  /** The peer's sequence number and options. */
  takeSyn(syn: Segment): void {
    this.receiver.open(syn.sequence);
    const theirs = readSynOptions(syn.bytes, syn.at + TCP_HEADER_BYTES, syn.dataAt);
    const { profile } = this.host;
    this.#options.theirs = theirs;
    this.#mssBytes = sendMss(theirs.mss, this.ownMssBytes, typeof this.remote.address !== 'number');
    if (profile.sack && theirs.sackPermitted) {
      this.receiver.sack = new SackBlocks();
      this.sender.agreeOnSack();
    }
    const asked = syn.has(ECE) && (syn.has(ACK) ? !syn.has(CWR) && profile.ecn === 'ask' : syn.has(CWR));
    if (asked && profile.ecn !== 'off') this.sender.ecn.isOn = true;
    if (profile.timestamps && theirs.timestamps) {
      this.timestamps.isOn = true;
      this.timestamps.take(theirs.timestamps.value);
    }
    if (profile.windowScale && theirs.windowScale !== null) {
      this.#sndShift = Math.min(theirs.windowScale, GREATEST_SHIFT);
      this.receiver.shift = shiftFor(profile);
    }
  }

  established(because: string): void {
    this.become('ESTABLISHED', because);
    this.wasEstablished = true;
    this.sender.open();
    if (this.#accept && !this.user) this.user = this.#accept(this);
    else this.user?.onOpen?.();
  }

  // --- segments -----------------------------------------------------------------------------------------------------

  get segmentBytes(): number {
    return this.#options.dataBytesWithin(this.roomBytes);
  }

  /** What options and data of one segment may take together. */
  get roomBytes(): number {
    return Math.min(this.#mssBytes, this.#mtuBytes - headerBytesTowards(this.#remoteAddress));
  }

  get #mtuBytes(): number {
    const linkBytes = this.host.network.mtuTowards(this.#remoteAddress);
    return this.#pathMtu === null ? linkBytes : this.#pathMtu.within(linkBytes);
  }

  get #path(): PathMtu {
    this.#pathMtu ??= new PathMtu(this.host.context, leastMtuTowards(this.#remoteAddress, this.host.profile));
    return this.#pathMtu;
  }

  /** Whether a segment between these is one of this connection. */
  isBetween(localPort: number, localAddress: IpAddress, remotePort: number, remoteAddress: IpAddress): boolean {
    const hasPorts = this.#localPort === localPort && this.#remotePort === remotePort;
    return hasPorts && this.#remoteAddress === remoteAddress && this.#localAddress === localAddress;
  }

  /** One segment of this connection, its checksum good. */
  onSegment(pdu: Pdu, segment: Segment): void {
    this.#isArriving = true;
    if (!segment.has(SYN)) segment.window <<= this.#sndShift;
    arrive(this, pdu, segment);
    if (this.state === 'CLOSED') {
      this.#isArriving = false;
      return;
    }
    this.#keepAlive?.onSegment();
    this.#tellUser();
    this.#isArriving = false;
    if ((this.state as TcpState) === 'CLOSED') return;
    const hasSent = this.sender.output();
    if (!hasSent && this.receiver.mustAcknowledge) this.acknowledge();
  }

  /** News for the user, told when the segment is done with. */
  hasNews(what: News): void {
    this.#news |= what;
  }

  #tellUser(): void {
    const news = this.#news;
    this.#news = 0;
    if ((news & NEWS.drain) !== 0 && this.#wantsDrain && this.sender.buffer.isWorthFilling) {
      this.#wantsDrain = false;
      this.user?.onDrain?.();
    }
    if ((news & NEWS.readable) !== 0) this.user?.onReadable?.();
    if ((news & NEWS.end) !== 0) this.user?.onEnd?.();
    if ((news & NEWS.closed) !== 0) this.#leave('finished', 'both ends have said all');
  }

  #leave(reason: CloseReason, because: string): void {
    const { user } = this;
    this.user = null;
    user?.onClose?.(reason);
    dropUnread(this.#ending(reason, because), this.receiver.buffer);
  }

  /** At SND.MAX: a timeout pulls SND.NXT back, and two ends that find each other's ACKs old answer them for ever. */
  acknowledge(): void {
    this.transmit(this.sender.sndMax, ACK, 0, 0);
  }

  transmit(sequence: number, flags: number, offset: number, length: number): void {
    const { context, network } = this.host;
    const isSyn = (flags & SYN) !== 0;
    const pdu = Pdu.toFill(length);
    if (length > 0) {
      this.sender.buffer.copy(offset, length, pdu.bytes, pdu.start);
      this.receiver.onDataSent();
    }
    if (context.recording) pdu.carries = this.sender.buffer.entriesIn(offset, length);
    const optionBytes = isSyn
      ? this.#options.sealSyn(pdu, (flags & ACK) !== 0, this.ownMssBytes)
      : this.#options.seal(pdu, flags, length, this);
    const at = pdu.seal(TCP_HEADER_BYTES);
    const marked = flags | this.#ecnFlags(pdu, sequence, flags, length);
    const hasAck = (flags & ACK) !== 0;
    const acknowledgment = hasAck ? this.receiver.rcvNxt : 0;
    const window = hasAck || !isSyn ? this.receiver.offer(isSyn) : Math.min(this.receiver.buffer.capacity, 0xffff);
    const pseudo = pseudoHeaderSum(this.#localAddress, this.#remoteAddress, TCP_PROTOCOL, pdu.length);
    writeTcp(
      pdu.bytes,
      at,
      pdu.end,
      this.#localPort,
      this.#remotePort,
      sequence,
      acknowledgment,
      marked,
      window,
      optionBytes,
      pseudo,
    );
    const was = sealed(context, pdu, 4, 'tcp', this.machine);
    network.send(pdu, TCP_PROTOCOL, this.#localAddress, this.#remoteAddress, true);
    context.resume(was);
    if (context.recording) this.measure('rcvwnd', isSyn ? window : window << this.receiver.shift);
  }

  /** RFC 3168 section 6.1: ECT(0) on new data only (6.1.4 to 6.1.6); ECE on every ACK, CWR on the first new segment. */
  #ecnFlags(pdu: Pdu, sequence: number, flags: number, length: number): number {
    const { ecn, sndMax, sndWnd } = this.sender;
    if (!ecn.isOn || (flags & (SYN | RST)) !== 0) return 0;
    const echo = ecn.mustEcho ? ECE : 0;
    if (length === 0 || sequence !== sndMax || sndWnd === 0) return echo;
    pdu.ecn = ECT_0;
    if (!ecn.mustTellReduced) return echo;
    ecn.mustTellReduced = false;
    return echo | CWR;
  }

  #sendReset(because: string): void {
    this.transmit(this.sender.sndNxt, RST | ACK, 0, 0);
    this.note(`sends a reset: ${because}`);
  }

  // --- endings ------------------------------------------------------------------------------------------------------

  onFinSent(): void {
    this.become(this.state === 'CLOSE-WAIT' ? 'LAST-ACK' : 'FIN-WAIT-1', 'our FIN left');
  }

  onGivenUp(): void {
    this.over('timed-out', 'the peer did not answer for too long');
  }

  startTimeWait(because: string): void {
    this.become('TIME-WAIT', because);
    this.sender.stop();
    this.#keepAlive?.stop();
    this.waitTwoLifetimes();
    // The user's part is over: only the port pair stays reserved.
    this.hasNews(NEWS.closed);
  }

  waitTwoLifetimes(): void {
    this.#lingering.waitTwoLifetimes();
  }

  get #lingering(): Linger {
    this.#linger ??= new Linger(this.host.context, this.machine, this.host.profile, this);
    return this.#linger;
  }

  /** Whether a challenge ACK may leave now; if so, it counts. */
  mayChallenge(): boolean {
    this.#challenges ??= new ChallengeAcks(this.host.context, this.host.profile);
    return this.#challenges.take();
  }

  /** The connection ends; whoever uses it is told why. */
  over(reason: CloseReason, because: string): void {
    if (this.state === 'CLOSED') return;
    this.become('CLOSED', because);
    this.sender.stop();
    dropUnacknowledged(this.#ending(reason, because), this.sender.buffer);
    this.sender.buffer.clear();
    this.receiver.stop();
    this.#keepAlive?.stop();
    this.#linger?.stop();
    this.host.onGone(this);
    this.#leave(reason, because);
  }

  /** The node lost its power, and with it what the connection held. Nobody is told. */
  crash(): void {
    this.become('CLOSED', 'the node crashed');
    const ending = this.#ending('crashed', 'the node crashed');
    dropUnacknowledged(ending, this.sender.buffer);
    dropUnread(ending, this.receiver.buffer);
  }

  #ending(why: CloseReason | 'crashed', because: string): Ending {
    const reason = why === 'reset' || why === 'timed-out' || why === 'crashed' ? why : 'closed';
    return { context: this.host.context, machine: this.machine, reason, because };
  }

  /**
   * An ICMP error about a segment of ours. RFC 9293 section 3.9.2.2: net, host and source route unreachable and time
   * exceeded are soft (MUST-56); protocol and port unreachable abort an attempt to connect (SHLD-26).
   */
  onNetworkError(error: NetworkError): void {
    if (error.kind === 'too-big') {
      this.#onTooBig(error.mtuBytes);
      return;
    }
    const isHard = error.kind === 'unreachable' && (error.code === 2 || error.code === 3);
    if (isHard && this.state === 'SYN-SENT') this.over('refused', 'ICMP: protocol or port unreachable');
    else this.note(`an ICMP ${error.kind} (code ${error.code}) arrived; the connection goes on`);
  }

  #onTooBig(saidBytes: number): void {
    // RFC 1191 section 6.4: what was too long is lost, and nothing shorter was said to be.
    const narrowed = this.#path.onTooBig(saidBytes, this.#mtuBytes);
    this.note(`an ICMP too-big arrived: the path takes ${this.#mtuBytes} octets (least: ${this.#path.leastBytes})`);
    if (narrowed) this.sender.onPathNarrowed();
  }

  /** RFC 4861 section 7.3.1: what was acknowledged got there, so the next hop is alive. Of IPv6 only somebody asks. */
  confirmNextHop(): void {
    if (typeof this.#remoteAddress === 'bigint') this.host.network.confirm?.(this.#remoteAddress);
  }

  onBlackHole(): void {
    if (!this.#path.onBlackHole(this.#mtuBytes)) return;
    this.note('long segments get no answer: a black hole; shorter ones from now on (RFC 4821)');
    this.sender.congestion.onSegmentSize(this.segmentBytes);
  }

  /** RFC 9293 section 3.8.4: asks an idle peer whether it is there, below its window and without data (SHLD-12). */
  keepAlive(): void {
    const { sender } = this;
    this.#keepAlive = new KeepAlive(this.host.context, this.machine, this.host.profile, {
      isWaiting: () => sender.sndUna !== sender.sndMax || sender.buffer.length > 0,
      probe: () => this.transmit(add(sender.sndNxt, -1), ACK, 0, 0),
      onGivenUp: () => {
        this.#sendReset('nobody answered the keep-alive probes');
        this.onGivenUp();
      },
    });
  }

  // --- the journal --------------------------------------------------------------------------------------------------

  become(to: TcpState, because: string): void {
    const from = this.state;
    this.state = to;
    if (this.isAbandoned) this.#lingering.watch(to);
    const { context } = this.host;
    if (context.recording) {
      context.record({ kind: 'state', layer: 4, protocol: 'tcp', machine: this.machine, from, to, because });
    }
  }

  measure(name: string, value: number): void {
    const { context } = this.host;
    if (!context.recording) return;
    this.#measures ??= new Map();
    if (this.#measures.get(name) === value) return;
    this.#measures.set(name, value);
    context.record({ kind: 'metric', layer: 4, protocol: 'tcp', machine: this.machine, name, value });
  }

  note(text: string): void {
    const { context } = this.host;
    if (context.recording) context.record({ kind: 'app', layer: 7, machine: this.machine, text });
  }
}
