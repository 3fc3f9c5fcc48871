/** docs/reference.md and docs/fields.md: commands, keys, the scenario file and fields, written from what the program has. */

import type { FieldType } from '../layers/field.ts';
import type { CommandRow, OptionRow } from './command-table.ts';

interface ScreenCommand {
  readonly keys: readonly string[];
  readonly title: string;
  readonly group: string;
}

/** What of JSON Schema (draft-07) ours uses. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema | readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly required?: readonly string[];
}

export interface ReferenceSource {
  readonly commands: readonly CommandRow[];
  readonly screen: Readonly<Record<string, ScreenCommand>>;
  readonly schema: Schema;
}

const WRITTEN = 'Written by `npm run reference`; a test holds it against the program.';

export function referencePage({ commands, screen, schema }: ReferenceSource): string {
  return [
    '# Reference',
    '',
    WRITTEN,
    '',
    'Contents: [commands](#commands) · [keys of the screen](#keys-of-the-screen) · [the scenario file](#the-scenario-file)',
    '· [fields of filters](fields.md)',
    '',
    '## Commands',
    '',
    ...commands.flatMap(commandLines),
    '## Keys of the screen',
    '',
    ...screenLines(screen),
    '',
    '## The scenario file',
    '',
    'Every quantity carries its unit: `20ms`, `10Mbit`, `64KiB`, `30pkt`, `5%`. `*` stands for a name of yours, `[]` for',
    'each of a list.',
    '',
    '| key | value | meaning |',
    '|---|---|---|',
    ...keyRows(schema),
    '',
  ].join('\n');
}

export function fieldsPage(types: readonly FieldType[]): string {
  return [
    '# Fields',
    '',
    `${WRITTEN} Filters are Wireshark's display filters, and names and types are Wireshark's, but for \`pw.*\`, \`io.*\` and`,
    'the few that it has not.',
    '',
    '| field | type | layer | meaning |',
    '|---|---|---|---|',
    ...types.map(({ name, kind, layer, meaning }) => `| \`${name}\` | ${kind} | ${layer} | ${cell(meaning)} |`),
    '',
  ].join('\n');
}

function commandLines({ name, summary, description, arguments: places, options }: CommandRow): string[] {
  const usage = ['packetwalk', name, ...places.map((place) => place.usage)].join(' ');
  const rows = [
    ...places.map((place) => [place.usage, place.description]),
    ...options.filter(({ long }) => long !== '--help').map((option) => [option.flags, optionText(option)]),
  ];
  return [
    `### \`${usage}\``,
    '',
    description === '' ? `${summary}.` : description,
    '',
    ...(rows.length === 0 ? [] : ['| | |', '|---|---|']),
    ...rows.map(([flags = '', text = '']) => `| \`${flags}\` | ${cell(text)} |`),
    ...(rows.length === 0 ? [] : ['']),
  ];
}

function optionText({ description, choices }: OptionRow): string {
  return choices.length === 0 ? description : `${description}: ${choices.join(', ')}`;
}

function screenLines(screen: ReferenceSource['screen']): string[] {
  const rows = Object.entries(screen).map(([name, { keys, title }]) => {
    return `| ${keys.map((key) => `\`${key === '|' ? '\\|' : key}\``).join(' ')} | ${name} | ${cell(title)} |`;
  });
  return ['| keys | command | does |', '|---|---|---|', ...rows];
}

/** Deeper keys stand behind the shallow ones that they belong to; the same path is listed once. */
function keyRows(schema: Schema): string[] {
  const rows = new Map<string, string>();
  const visit = (at: Schema, path: string): void => {
    for (const part of at.anyOf ?? []) visit(part, path);
    for (const [key, value] of Object.entries(at.properties ?? {})) {
      const own = path === '' ? key : `${path}.${key}`;
      const row = `| \`${own}\` | ${cell(valueText(value))} | ${cell(meaningOf(value))} |`;
      if (!rows.has(own)) rows.set(own, row);
      visit(value, own);
    }
    if (typeof at.additionalProperties === 'object') visit(at.additionalProperties, `${path}.*`);
    for (const item of itemsOf(at)) visit(item, `${path}[]`);
  };
  visit(schema, '');
  return [...rows.values()];
}

function itemsOf({ items }: Schema): readonly Schema[] {
  if (items === undefined) return [];
  return Array.isArray(items) ? (items as readonly Schema[]) : [items as Schema];
}

/** Said of the key itself, or of one of the ways to write it. */
function meaningOf(schema: Schema): string {
  return schema.description ?? schema.anyOf?.find(({ description }) => description !== undefined)?.description ?? '';
}

function valueText(schema: Schema): string {
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(' ');
  if (schema.anyOf) return [...new Set(schema.anyOf.map(valueText))].filter((text) => text !== '').join(' or ');
  if (schema.type === 'array') {
    const inner = [...new Set(itemsOf(schema).map(valueText))].join(' or ');
    return inner === '' ? 'list' : `list of ${inner}`;
  }
  if (schema.type === 'object') return 'map';
  return typeof schema.type === 'string' ? schema.type : (schema.type ?? []).join(' or ');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
