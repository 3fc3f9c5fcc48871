/** A stream in TLS on a stream below: what TCP offers, and nobody on the way can read it. */

import type { Context } from '../../../kernel/context.ts';
import { CutWatch } from '../../../kernel/cut-watch.ts';
import { type DropReason, NOTHING } from '../../../kernel/journal.ts';
import { allJoined } from '../../../wire/octets.ts';
import type { CloseReason, Endpoint, Stream, StreamUser } from '../../4-transport/service.ts';
import { dropOctets, WAITED_IN_MEMORY } from '../../drop.ts';
import { type ConnectionUser, TlsConnection } from './connection.ts';
import type { Agreed, ClientSettings, SecretLabel, ServerSettings } from './handshake.ts';
import { ALERT, alertName, CONTENT, HANDSHAKE, MAX_PLAINTEXT_BYTES, type TlsProblem } from './header.ts';
import { GROUP_NAMES } from './key-exchange.ts';
import { messageName, type NewSessionTicket } from './messages.ts';
import type { OpenedRecord } from './record-layer.ts';

/** What has been opened and not been read; more is left to the transport, so that its window closes. */
const MAX_UNREAD_BYTES = 65_536;
/** How long a closed stream waits for the peer's end, in ns. */
const LINGER_NS = 30_000_000_000;
/** What protection adds to a record's content. */
const OVERHEAD_BYTES = 22;

export interface TlsStreamOptions {
  readonly context: Context;
  readonly side: { readonly client: ClientSettings } | { readonly server: ServerSettings };
  readonly renewAfter: number | null;
  /** The handshake is over; a listener's stream gets its user here. */
  readonly onAgreed: (stream: TlsStream, agreed: Agreed) => void;
  readonly onTicket: (ticket: NewSessionTicket, agreed: Agreed) => void;
}

type State = 'handshake' | 'open' | 'closed';

export class TlsStream implements Stream, StreamUser, ConnectionUser {
  user: StreamUser | null;
  readonly #options: TlsStreamOptions;
  readonly #context: Context;
  #below: Stream | null = null;
  readonly #connection: TlsConnection;
  #state: State = 'handshake';
  #agreed: Agreed | null = null;
  /** Records that the stream below has had no room for, with their entries. */
  #outgoing: { readonly bytes: Uint8Array; readonly carries: readonly number[] }[] = [];
  #isFlushing = false;
  /** The stream below had no room for all of it. */
  #isBlocked = false;
  #batch = 0;
  #unread: Uint8Array[] = [];
  #unreadBytes = 0;
  #wantsDrain = false;
  #hasEnded = false;
  #isClosed = false;
  /** The peer's end: close_notify, or the end of the stream below. */
  #peerHasEnded = false;
  #stopLinger: (() => void) | null = null;
  readonly #cut: CutWatch;

  constructor(options: TlsStreamOptions, user: StreamUser | null) {
    this.#options = options;
    this.#context = options.context;
    this.user = user;
    const { side, renewAfter } = options;
    this.#connection =
      'client' in side
        ? TlsConnection.client(this, side.client, renewAfter)
        : TlsConnection.server(this, side.server, renewAfter);
    this.#cut = new CutWatch(options.context, () => this.#loseOutgoing(WAITED_IN_MEMORY, 'crashed'));
    this.#cut.set(true);
  }

  /** The stream below, as soon as there is one. A server's is up already. */
  attach(below: Stream): this {
    this.#below = below;
    this.#become('handshake', 'the connection is there');
    return this;
  }

  get machine(): string {
    return `tls.${this.name}`;
  }

  // --- what the stream offers ---------------------------------------------------------------------------------------

  get name(): string {
    return this.#below?.name ?? '';
  }

  get local(): Endpoint {
    return (this.#below as Stream).local;
  }

  get remote(): Endpoint {
    return (this.#below as Stream).remote;
  }

  get unacknowledgedBytes(): number {
    return this.#below?.unacknowledgedBytes ?? 0;
  }

  get writableBytes(): number {
    return this.#canWrite ? Math.max(0, (this.#below?.writableBytes ?? 0) - OVERHEAD_BYTES) : 0;
  }

  get #canWrite(): boolean {
    return this.#state === 'open' && !this.#hasEnded && !this.#isBlocked;
  }

  get readableBytes(): number {
    return this.#unreadBytes;
  }

  write(bytes: Uint8Array, carries: readonly number[] = NOTHING): number {
    let taken = 0;
    this.#batched(() => {
      // The last record may be more than there is room for: what is left of it goes first when there is some.
      while (taken < bytes.length && this.#canWrite) {
        const length = Math.min(MAX_PLAINTEXT_BYTES, bytes.length - taken);
        this.#connection.write(bytes.subarray(taken, taken + length), carries);
        taken += length;
        this.#flush();
      }
    });
    if (taken < bytes.length && !this.#hasEnded) this.#wantsDrain = true;
    return taken;
  }

  read(atMost = Number.POSITIVE_INFINITY): Uint8Array {
    const whole = allJoined(this.#unread);
    const taken = whole.subarray(0, Math.min(whole.length, atMost));
    const rest = whole.subarray(taken.length);
    this.#unread = rest.length > 0 ? [rest] : [];
    this.#unreadBytes = rest.length;
    if (this.#below && this.#below.readableBytes > 0) this.#pull();
    return taken;
  }

  /** A server hands out what a session is resumed with. */
  sendTicket(ticket: NewSessionTicket): void {
    this.#connection.sendTicket(ticket);
  }

  setNoDelay(): void {
    this.#below?.setNoDelay?.();
  }

  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    if (this.#state === 'open') this.#batched(() => this.#connection.end());
    if (this.#outgoing.length === 0) this.#below?.end();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#state !== 'open') {
      this.#below?.close();
      return;
    }
    this.end();
    // The peer's close_notify is still to come, and must not be answered with a reset.
    if (this.#peerHasEnded && this.#outgoing.length === 0) this.#below?.close();
    else this.#stopLinger = this.#context.after(LINGER_NS, () => this.#below?.close());
    this.#unread = [];
    this.#unreadBytes = 0;
  }

  abort(): void {
    this.#below?.abort();
  }

  // --- what the stream below tells ----------------------------------------------------------------------------------

  onOpen(): void {
    this.#batched(() => this.#connection.start());
  }

  onReadable(): void {
    this.#pull();
  }

  onDrain(): void {
    this.#flush();
    if (!this.#wantsDrain || !this.#canWrite) return;
    this.#wantsDrain = false;
    this.user?.onDrain?.();
  }

  onEnd(): void {
    this.#pull();
    if (this.#isClosed || this.#state !== 'open') {
      if (this.#state === 'handshake') this.#tell('the peer closes before the handshake is over');
      this.#below?.close();
      return;
    }
    if (this.#peerHasEnded) return;
    // Section 6.1: without close_notify nobody knows whether that was all.
    this.#tell('the stream ends without close_notify: somebody may have cut it off');
    this.#peerHasEnded = true;
    this.user?.onEnd?.();
  }

  onClose(reason: CloseReason): void {
    this.#stopLinger?.();
    const { partial } = this.#connection;
    if (partial.length > 0) this.#dropped(partial, 'the connection ended inside a record');
    this.#loseOutgoing('it never got to the transport', 'closed');
    this.#cut.set(false);
    this.#become('closed', `the connection is over: ${reason}`);
    const { user } = this;
    this.user = null;
    user?.onClose?.(reason);
  }

  // --- what the connection tells ------------------------------------------------------------------------------------

  onRecord(record: Uint8Array, type: number, content: Uint8Array, carries: readonly number[]): void {
    const context = this.#context;
    let entries = NOTHING;
    if (context.recording) {
      const via = this.machine;
      entries = [context.record({ kind: 'encoded', layer: 6, protocol: 'tls', bytes: record, carries, via })];
      if (type !== CONTENT.applicationData) this.#note(`sends ${contentText(type, content)}`);
    }
    this.#outgoing.push({ bytes: record, carries: entries });
    if (this.#batch === 0) this.#flush();
  }

  onOpened({ type, content, record }: OpenedRecord): void {
    const context = this.#context;
    if (!context.recording) return;
    const via = this.machine;
    // What lies inside is what this side has now; the record as it came is in the segments that brought it.
    const bytes = content.length === 0 ? record : content;
    context.record({ kind: 'decoded', layer: 6, protocol: 'tls', bytes, carries: NOTHING, via });
    if (type !== CONTENT.applicationData) this.#note(`hears ${contentText(type, content)}`);
  }

  onAgreed(agreed: Agreed): void {
    this.#agreed = agreed;
    this.#become('open', 'both sides have finished');
    const { suite, group, isResumed, wasRetried, protocol } = agreed;
    const how = isResumed ? 'resumes a session' : 'is in TLS 1.3';
    const spoken = protocol === null ? '' : `, speaking ${protocol}`;
    const again = wasRetried ? ', at the second attempt' : '';
    this.#tell(`${how}: ${suite.name}, ${GROUP_NAMES.get(group) ?? group}${spoken}${again}`);
    this.#options.onAgreed(this, agreed);
    if ('client' in this.#options.side) this.user?.onOpen?.();
  }

  onData(content: Uint8Array): void {
    if (this.#isClosed) {
      this.#dropped(content, 'the stream was closed');
      return;
    }
    this.#unread.push(content);
    this.#unreadBytes += content.length;
  }

  onCloseNotify(): void {
    if (this.#peerHasEnded) return;
    this.#peerHasEnded = true;
  }

  onTicket(ticket: NewSessionTicket): void {
    if (this.#agreed) this.#options.onTicket(ticket, this.#agreed);
  }

  onSecret(label: SecretLabel, random: Uint8Array, secret: Uint8Array): void {
    const context = this.#context;
    if (!context.recording) return;
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
    const change = {
      table: 'tls.secrets',
      key: `${label} ${hex(random)}`,
      row: { secret: hex(secret) },
      because: 'the handshake made it',
    };
    context.record({ kind: 'table', layer: 6, protocol: 'tls', change });
  }

  onKeysChanged(whose: 'ours' | 'theirs'): void {
    this.#note(whose === 'ours' ? 'has new keys for what it sends' : 'has new keys for what it hears');
  }

  onProblem(problem: TlsProblem, isTheirs: boolean): void {
    this.#tell(isTheirs ? `ends: ${problem.why}` : `ends with ${problem.alert}: ${problem.why}`);
    this.#become('closed', problem.why);
    this.#flush();
    this.#hasEnded = true;
    this.#isClosed = true;
    const { user } = this;
    this.user = null;
    // The alert goes out before the end; what still comes is not read any more, and must not reset it.
    if (isTheirs) this.#below?.close();
    else {
      this.#below?.end();
      this.#stopLinger = this.#context.after(LINGER_NS, () => this.#below?.close());
    }
    user?.onClose?.('aborted');
  }

  // --- between the two ----------------------------------------------------------------------------------------------

  /** Reads what has come, as long as somebody reads what was opened. */
  #pull(): void {
    const below = this.#below;
    if (!below) return;
    const had = this.#unreadBytes;
    const hadEnded = this.#peerHasEnded;
    this.#batched(() => {
      while (below.readableBytes > 0 && this.#unreadBytes < MAX_UNREAD_BYTES) this.#connection.push(below.read());
    });
    if (this.#isClosed) return;
    if (this.#unreadBytes > had) this.user?.onReadable?.();
    if (this.#peerHasEnded && !hadEnded) this.user?.onEnd?.();
  }

  /** What is sent meanwhile goes to the stream below in one piece: several small writes would wait for each other. */
  #batched(run: () => void): void {
    this.#batch++;
    run();
    this.#batch--;
    if (this.#batch === 0) this.#flush();
  }

  #flush(): void {
    const below = this.#below;
    if (!below || this.#isFlushing || this.#outgoing.length === 0) return;
    this.#isFlushing = true;
    const all = this.#outgoing;
    const bytes = allJoined(all.map((each) => each.bytes));
    const carries = all.flatMap((each) => each.carries);
    this.#outgoing = [];
    const taken = below.write(bytes, carries);
    this.#isBlocked = taken < bytes.length;
    if (this.#isBlocked) this.#outgoing = [{ bytes: bytes.subarray(taken), carries }, ...this.#outgoing];
    this.#isFlushing = false;
    if (this.#outgoing.length === 0 && this.#hasEnded && this.#state === 'open') {
      below.end();
      if (this.#isClosed && this.#peerHasEnded) below.close();
    }
  }

  #become(to: State, because: string): void {
    const from = this.#state;
    if (from === to && to !== 'handshake') return;
    this.#state = to;
    const context = this.#context;
    if (!context.recording) return;
    const before = to === 'handshake' ? 'none' : from;
    const { machine } = this;
    context.record({ kind: 'state', layer: 6, protocol: 'tls', machine, from: before, to, because });
  }

  #tell(text: string): void {
    if (this.#context.recording) this.#context.record({ kind: 'app', layer: 7, machine: this.machine, text });
  }

  #note(text: string): void {
    this.#tell(text);
  }

  #loseOutgoing(detail: string, reason: DropReason): void {
    for (const { bytes, carries } of this.#outgoing) this.#dropped(bytes, detail, carries, reason);
    this.#outgoing = [];
  }

  #dropped(
    bytes: Uint8Array,
    detail: string,
    carries: readonly number[] = NOTHING,
    reason: DropReason = 'closed',
  ): void {
    dropOctets(this.#context, bytes, carries, 6, 'tls', this.machine, reason, detail);
  }
}

function contentText(type: number, content: Uint8Array): string {
  if (type === CONTENT.changeCipherSpec) return 'ChangeCipherSpec';
  if (type === CONTENT.alert) return `the alert ${alertName(content[1] ?? ALERT.internal_error)}`;
  const first = content[0] ?? HANDSHAKE.messageHash;
  return messageName(first);
}
