import type { DatagramErrorKind, DatagramUser, Endpoint } from '../../4-transport/service.ts';
import type { AppServices } from '../app-services.ts';
import { endpointText } from '../ledger.ts';
import type { Lookup } from '../names.ts';
import { sendMessage } from '../send-message.ts';
import { isShortText, quoted } from '../wording.ts';
import { type Content, contentBytes } from './content.ts';
import { repeat } from './repeat.ts';

/** The action `udp-send`. */
export interface UdpSendOptions {
  readonly host: string;
  readonly port: number;
  readonly content: Content;
  readonly times: number;
  readonly everyNs: number;
}

const NAME = 'udp-send';

/**
 * Sends datagrams from one socket of its own, one after another. The socket stays open: answers are received and
 * counted, and an ICMP error is told (RFC 1122 section 4.1.3.3).
 */
export function sendDatagrams(services: AppServices, lookup: Lookup, options: UdpSendOptions): void {
  const { ledger } = services;
  const { host, port } = options;
  lookup.find(host, (answer) => {
    if ('problem' in answer) ledger.told(NAME, `cannot send to ${host}: ${answer.problem}`);
    else sendTo(services, { address: answer.address, port }, options);
  });
}

function sendTo(services: AppServices, remote: Endpoint, { content, times, everyNs }: UdpSendOptions): void {
  const { context, ledger, datagrams } = services;
  const sender = { socket: datagrams.bind(NAME, 0, answers(services)), name: NAME, protocol: 'data' };
  repeat(context, times, everyNs, (repetition) => {
    const offset = content.kind === 'size' ? (repetition - 1) * content.bytes : 0;
    const payload = contentBytes(content, repetition, context.wallNs, offset);
    if (isShortText(payload)) ledger.told(NAME, `sends ${quoted(payload)} to ${endpointText(remote)}`);
    if (!sendMessage(services, sender, remote, payload)) ledger.told(NAME, 'the datagram could not be sent');
  });
}

function answers({ context, ledger }: AppServices): DatagramUser {
  return {
    onDatagram: (payload, remote, local, carries) => {
      const was = ledger.received('data', NAME, { transport: 'udp', local, remote }, payload, carries);
      if (isShortText(payload)) ledger.told(NAME, `received ${quoted(payload)} from ${endpointText(remote)}`);
      context.resume(was);
    },
    onDatagramError: (to, kind) => ledger.told(NAME, `${WORDS[kind]} (${endpointText(to)})`),
  };
}

const WORDS: Readonly<Record<DatagramErrorKind, string>> = {
  'port-unreachable': 'refused: nobody listens on that port',
  unreachable: 'the destination is unreachable',
  'time-exceeded': 'the time to live ran out on the way',
  'too-big': 'the datagram is too big for a link on the way',
  'parameter-problem': 'a router found something wrong with the header',
};
