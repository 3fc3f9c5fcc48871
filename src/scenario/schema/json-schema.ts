/** The grammar as JSON Schema draft-07, which the YAML servers of editors read. */

import * as z from 'zod';
import { fileSchema } from './file.ts';

interface Json {
  readonly [key: string]: unknown;
  readonly type?: unknown;
  readonly $schema?: unknown;
  readonly description?: unknown;
}

/** What `packetwalk schema` prints and `scenario.schema.json` holds. */
export function jsonSchema(): object {
  const schema = z.toJSONSchema(fileSchema, { target: 'draft-7', io: 'input', unrepresentable: 'any' }) as Json;
  const { $schema, description, ...rest } = schema;
  return {
    $schema,
    title: description,
    ...(withParameters(rest, '') as Json),
    definitions: {
      parameter: { type: 'string', pattern: '\\$\\{.+\\}', description: `A parameter: \${name}.` },
    },
  };
}

/**
 * Wherever a number, a truth value or one of some words may stand, a parameter may stand as well; zod knows nothing of
 * that, because parameters are put in before it reads. Other texts accept `${name}` by their own pattern.
 */
function withParameters(schema: unknown, key: string): unknown {
  if (Array.isArray(schema)) return schema.map((item) => withParameters(item, ''));
  if (typeof schema !== 'object' || schema === null) return schema;
  const json = schema as Json;
  if (key === 'propertyNames' || key === 'packetwalk' || key === 'params') return json;
  const isChoice = 'enum' in json || 'const' in json;
  const isPlain = json.type === 'integer' || json.type === 'number' || json.type === 'boolean';
  if (!isChoice && !isPlain) {
    return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, withParameters(value, name)]));
  }
  const { description, ...value } = json;
  const choice = { anyOf: [value, { $ref: '#/definitions/parameter' }] };
  return description === undefined ? choice : { description, ...choice };
}
