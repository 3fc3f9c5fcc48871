/** The states of a connection (RFC 9293 section 3.3.2). */
export type TcpState =
  | 'LISTEN'
  | 'SYN-SENT'
  | 'SYN-RECEIVED'
  | 'ESTABLISHED'
  | 'FIN-WAIT-1'
  | 'FIN-WAIT-2'
  | 'CLOSE-WAIT'
  | 'CLOSING'
  | 'LAST-ACK'
  | 'TIME-WAIT'
  | 'CLOSED';

/** Both sides know each other's sequence numbers (RFC 9293 section 3.3.2, "synchronized state"). */
export function isSynchronized(state: TcpState): boolean {
  return state !== 'LISTEN' && state !== 'SYN-SENT' && state !== 'SYN-RECEIVED' && state !== 'CLOSED';
}

/** The user may still send in this state. */
export function maySend(state: TcpState): boolean {
  return state === 'ESTABLISHED' || state === 'CLOSE-WAIT';
}

/** The peer may still send data in this state. */
export function mayReceive(state: TcpState): boolean {
  return state === 'ESTABLISHED' || state === 'FIN-WAIT-1' || state === 'FIN-WAIT-2';
}
