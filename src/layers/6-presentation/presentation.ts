import type { Presentation } from '../5-session/service.ts';
import { permessageDeflate } from './deflate/permessage-deflate.ts';
import { Utf8Check } from './text/utf8.ts';

/** What layer 6 offers the dialogues of layer 5: text that is text, and compression. */
export const PRESENTATION: Presentation = {
  textCheck: () => new Utf8Check(),
  compression: permessageDeflate,
};
