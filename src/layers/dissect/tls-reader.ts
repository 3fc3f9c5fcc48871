/** Reads the TLS records of a connection. */

import { recordInfo, TLS, tlsFields, versionName } from '../6-presentation/tls/fields.ts';
import {
  looksLikeRecord,
  RECORD_HEADER_BYTES,
  recordEnd,
  type TlsRecord,
  TlsSession,
} from '../6-presentation/tls/record.ts';
import { type Demand, ONE_MORE_SEGMENT, type StreamReader } from './stream-reader.ts';

/** Where Wireshark expects TLS: HTTP, mail, LDAP, DNS, MQTT and AMQP in it. */
export const TLS_PORTS: readonly number[] = [443, 465, 636, 853, 990, 993, 995, 5671, 8883];

/** Anywhere else a stream that begins with a record is taken for TLS. */
export function looksLikeTls(bytes: Uint8Array, at: number, end: number): boolean {
  return end - at >= RECORD_HEADER_BYTES && looksLikeRecord(bytes, at);
}

/** A reader for one connection, both directions. */
export function tlsReader(): StreamReader {
  const session = new TlsSession();
  return (read, { bytes, at: start, end, destinationPort }) => {
    const records: TlsRecord[] = [];
    let at = start;
    let demand: Demand | null = null;
    let isUnknown = false;
    while (at < end && !demand && !isUnknown) {
      if (end - at < RECORD_HEADER_BYTES) demand = { from: at, more: ONE_MORE_SEGMENT };
      else if (!looksLikeRecord(bytes, at)) isUnknown = true;
      else if (recordEnd(bytes, at) > end) demand = { from: at, more: recordEnd(bytes, at) - end };
      else {
        const record = session.read(bytes, at, destinationPort);
        records.push(record);
        at = record.end;
      }
    }
    const last = records.at(-1);
    if (last || isUnknown) read.setProtocol(last ? versionName(last.sessionVersion) : 'SSL');
    const said = (): string[] => {
      const words = records.map((record) => recordInfo(bytes, record));
      return isUnknown ? [...words, 'Ignored Unknown Record'] : words;
    };
    // What earlier octets of the segment said stays in front.
    if (read.layers.some(({ protocol }) => protocol === TLS.name)) {
      read.appendInfo(() =>
        said()
          .map((words) => `, ${words}`)
          .join(''),
      );
    } else read.setInfo(() => said().join(', '));
    const stop = isUnknown ? end : at;
    read.add(
      TLS,
      bytes,
      start,
      stop - start,
      () => TLS.title,
      () => tlsFields(bytes, records),
    );
    return demand;
  };
}
