/** The content of a message by its media type: Wireshark has protocols for those, of which only the names are ours. */

import { u8 } from '../../wire/reader.ts';
import { addData } from './data-fields.ts';
import type { FrameDissection, Protocol } from './dissection.ts';

function contentProtocol(name: string, title: string, meaning: string): Protocol {
  return { name, title, layer: 7, meaning };
}

const TEXT = contentProtocol('data-text-lines', 'Line-based text data', 'Text in lines.');
const FORM = contentProtocol('urlencoded-form', 'HTML Form URL Encoded', 'What was filled in to a form.');
const JSON_TEXT = contentProtocol('json', 'JavaScript Object Notation', 'Values as text (RFC 8259).');
const XML = contentProtocol('xml', 'eXtensible Markup Language', 'A document with marks.');
const MEDIA = contentProtocol('media', 'Media Type', 'Content of a kind that is shown as octets.');

export const CONTENT_PROTOCOLS: readonly Protocol[] = [TEXT, FORM, JSON_TEXT, XML, MEDIA];

/** Adds bytes[at..end) as content of the media type, '' for one that is not said. */
export function addContent(
  read: FrameDissection,
  bytes: Uint8Array,
  at: number,
  end: number,
  contentType: string,
): void {
  if (end <= at) return;
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  if (type === '' || type === 'application/octet-stream') {
    addData(read, bytes, at, end);
    return;
  }
  const add = (protocol: Protocol, text: () => string) => read.add(protocol, bytes, at, end - at, text, () => []);
  if (type === 'application/json') {
    read.setProtocol(`${read.protocol}/JSON`);
    read.appendInfo(', JavaScript Object Notation (application/json)');
    add(JSON_TEXT, () => `${JSON_TEXT.title}: application/json`);
  } else if (type === 'text/xml' || type === 'application/xml') {
    read.setProtocol(`${read.protocol}/XML`);
    add(XML, () => XML.title);
  } else {
    read.appendInfo(` (${type})`);
    if (type === 'application/x-www-form-urlencoded') add(FORM, () => `${FORM.title}: ${type}`);
    else if (type.startsWith('text/')) add(TEXT, () => `${TEXT.title}: ${type} (${linesIn(bytes, at, end)} lines)`);
    else add(MEDIA, () => MEDIA.title);
  }
}

/** Adds text of a protocol that knows no media types. */
export function addTextLines(read: FrameDissection, bytes: Uint8Array, at: number, end: number): void {
  const text = () => `${TEXT.title} (${linesIn(bytes, at, end)} lines)`;
  read.add(TEXT, bytes, at, end - at, text, () => []);
}

/** Lines end with CR LF, LF or CR; what is behind the last end is one more. */
function linesIn(bytes: Uint8Array, start: number, end: number): number {
  let lines = 0;
  let begun = false;
  for (let at = start; at < end; at++) {
    const octet = u8(bytes, at);
    begun = true;
    if (octet !== 10 && octet !== 13) continue;
    if (octet === 13 && at + 1 < end && u8(bytes, at + 1) === 10) at += 1;
    lines += 1;
    begun = false;
  }
  return lines + (begun ? 1 : 0);
}
