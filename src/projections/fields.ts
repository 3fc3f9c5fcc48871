/** Fields for whoever shows them: what `layers/codecs.ts` knows, under one roof with the other projections. */

export { FIELDS, fieldsOf, fieldText, PROTOCOLS } from '../layers/codecs.ts';
export type { Dissection, Field } from '../layers/field.ts';
