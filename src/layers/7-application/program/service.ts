/** What a real program hears of its sockets. */

import type { IpAddress } from '../../../wire/address.ts';
import type { CloseReason, DatagramErrorKind, Endpoint } from '../../4-transport/service.ts';

export type SocketNews =
  /** A listener or datagram socket is open. */
  | { readonly kind: 'bound'; readonly socket: string; readonly port: number }
  /** It could not be opened: the port is taken, or no port is free. */
  | { readonly kind: 'refused'; readonly socket: string; readonly detail: string }
  | {
      readonly kind: 'accepted';
      readonly listener: string;
      readonly socket: string;
      readonly local: Endpoint;
      readonly remote: Endpoint;
    }
  | { readonly kind: 'connected'; readonly socket: string; readonly local: Endpoint; readonly remote: Endpoint }
  | { readonly kind: 'data'; readonly socket: string; readonly bytes: Uint8Array }
  /** The peer will send no more, and everything was read. */
  | { readonly kind: 'ended'; readonly socket: string }
  /** TCP has taken over all that was written. */
  | { readonly kind: 'drained'; readonly socket: string }
  | { readonly kind: 'closed'; readonly socket: string; readonly reason: CloseReason }
  | { readonly kind: 'datagram'; readonly socket: string; readonly bytes: Uint8Array; readonly from: Endpoint }
  | { readonly kind: 'undelivered'; readonly socket: string; readonly to: Endpoint; readonly why: DatagramErrorKind }
  | { readonly kind: 'found'; readonly socket: string; readonly address: IpAddress }
  | { readonly kind: 'unknown'; readonly socket: string; readonly problem: string }
  /** The node lost its power, and the program with it. */
  | { readonly kind: 'crashed' };

/** Told while an event happens: whoever hears it must not call anything before the event is over. */
export type TellProgram = (news: SocketNews) => void;
