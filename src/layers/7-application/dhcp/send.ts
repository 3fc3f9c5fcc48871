import type { Ipv4 } from '../../../wire/address.ts';
import type { DatagramSocket, Endpoint } from '../../4-transport/service.ts';
import type { AppServices } from '../app-services.ts';

/** Makes a message and sends it from an address, which is 0.0.0.0 as long as the host has none. */
export function sendDhcp(
  { context, ledger }: AppServices,
  socket: DatagramSocket,
  name: string,
  to: Endpoint,
  bytes: Uint8Array,
  from: Ipv4,
): void {
  const conversation = { transport: 'udp', local: { address: from, port: socket.port }, remote: to } as const;
  const { carries } = ledger.made('dhcp', name, conversation, bytes);
  const [entry] = carries;
  const was = entry === undefined ? null : context.because(entry);
  socket.send(to, bytes, carries, from);
  if (entry !== undefined) context.resume(was);
}
