import type { IpAddress } from '../../wire/address.ts';
import type { DatagramSocket, Endpoint } from '../4-transport/service.ts';
import type { AppServices } from './app-services.ts';

/** A datagram socket as an application uses it. */
export interface Sender {
  readonly socket: DatagramSocket;
  /** The application's name. */
  readonly name: string;
  /** Of the messages: `dns`, `data`. */
  readonly protocol: string;
}

/**
 * Makes a message and sends it in one datagram. `from`: the address it should come from; left out, the route's. False
 * when it could not be sent; why is in the journal.
 */
export function sendMessage(
  { context, ledger, datagrams }: AppServices,
  { socket, name, protocol }: Sender,
  remote: Endpoint,
  bytes: Uint8Array,
  from?: IpAddress,
): boolean {
  const address = datagrams.sourceTowards(remote.address, from);
  if (address === null) {
    ledger.dropped(protocol, name, bytes, 'no-route', 'there is no route to its destination');
    return false;
  }
  const conversation = { transport: 'udp', local: { address, port: socket.port }, remote } as const;
  const message = ledger.made(protocol, name, conversation, bytes);
  const [entry] = message.carries;
  const was = entry === undefined ? null : context.because(entry);
  const sent = socket.send(remote, bytes, message.carries, address);
  if (entry !== undefined) context.resume(was);
  return sent;
}
