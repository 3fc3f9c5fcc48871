import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { jsonSchema } from '../../../src/scenario/schema/json-schema.ts';

interface Json {
  readonly [key: string]: unknown;
}

/** Every schema within a schema, with the path to it. */
function* schemasIn(schema: unknown, path: string): Generator<readonly [string, Json]> {
  if (typeof schema !== 'object' || schema === null) return;
  if (Array.isArray(schema)) {
    for (const [index, item] of schema.entries()) yield* schemasIn(item, `${path}[${index}]`);
    return;
  }
  const json = schema as Json;
  yield [path, json];
  for (const [key, inner] of Object.entries(json)) {
    if (key === 'properties' || key === 'definitions') {
      for (const [name, property] of Object.entries(inner as Json)) yield* schemasIn(property, `${path}.${name}`);
    } else if (['additionalProperties', 'items', 'anyOf', 'oneOf', 'propertyNames'].includes(key)) {
      yield* schemasIn(inner, `${path}/${key}`);
    }
  }
}

/** As much of a draft-07 validator as this schema needs; null when the value fits, else where it does not. */
function misfit(schema: Json, value: unknown, root: Json, path = ''): string | null {
  if (typeof schema.$ref === 'string') {
    const name = schema.$ref.replace('#/definitions/', '');
    return misfit((root.definitions as Json)[name] as Json, value, root, path);
  }
  for (const key of ['anyOf', 'oneOf'] as const) {
    const options = schema[key] as Json[] | undefined;
    if (options && !options.some((option) => misfit(option, value, root, path) === null)) return `${path} ${key}`;
  }
  if ('const' in schema && schema.const !== value) return `${path} const`;
  if ('enum' in schema && !(schema.enum as unknown[]).includes(value)) return `${path} enum`;
  const types = schema.type === undefined ? [] : Array.isArray(schema.type) ? schema.type : [schema.type];
  if (types.length > 0 && !types.some((type) => hasType(value, String(type)))) return `${path} type`;
  if (typeof value === 'string' && schema.pattern !== undefined && !new RegExp(String(schema.pattern)).test(value)) {
    return `${path} pattern`;
  }
  if (typeof value === 'number' && typeof schema.minimum === 'number' && value < schema.minimum)
    return `${path} minimum`;
  if (Array.isArray(value)) {
    const items = schema.items as Json | Json[] | undefined;
    for (const [index, item] of value.entries()) {
      const inner = Array.isArray(items) ? items[index] : items;
      const bad = inner && misfit(inner, item, root, `${path}[${index}]`);
      if (bad) return bad;
    }
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const properties = (schema.properties ?? {}) as Json;
  for (const key of (schema.required ?? []) as string[]) if (!(key in value)) return `${path}.${key} required`;
  for (const [key, inner] of Object.entries(value)) {
    const own = key in properties ? properties[key] : schema.additionalProperties;
    if (own === false) return `${path}.${key} additional`;
    const bad = typeof own === 'object' && own !== null ? misfit(own as Json, inner, root, `${path}.${key}`) : null;
    if (bad) return bad;
  }
  return null;
}

function hasType(value: unknown, type: string): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return type === 'integer' ? Number.isInteger(value) : typeof value === type;
}

describe('the JSON Schema', () => {
  const schema = jsonSchema() as Json;

  it('is what stands in scenario.schema.json', () => {
    const file = readFileSync(new URL('../../../scenario.schema.json', import.meta.url), 'utf8');
    const expected = `${JSON.stringify(schema, null, 2)}\n`;
    expect(file === expected, 'npm run build && node bin/packetwalk.cjs schema > scenario.schema.json').toBe(true);
  });

  it('is draft-07', () => {
    expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
  });

  it('lets no unknown key pass and says something of every value', () => {
    for (const [path, each] of schemasIn(schema, '')) {
      expect([path, Object.keys(each).length > 0]).toEqual([path, true]);
      if (each.type === 'object') expect([path, 'additionalProperties' in each]).toEqual([path, true]);
      expect([path, each.additionalProperties === true]).toEqual([path, false]);
      if (typeof each.pattern === 'string') expect(() => new RegExp(String(each.pattern))).not.toThrow();
    }
  });

  it('describes every key, for editors to show', () => {
    for (const [path, each] of schemasIn(schema, '')) {
      for (const [key, property] of Object.entries((each.properties ?? {}) as Json)) {
        const text = JSON.stringify(property);
        expect([`${path}.${key}`, key === 'kind' || text.includes('"description"')]).toEqual([`${path}.${key}`, true]);
      }
    }
  });

  const base = { packetwalk: 1, title: 't', nodes: { client: {}, server: null } };

  it.each([
    { ...base, seed: 3, until: '5s', profile: 'linux', tags: ['a'], summary: 's' },
    { ...base, seed: `\${s}`, until: `\${u}`, profile: `\${p}`, params: { u: { default: '5s', sweep: ['1s'] } } },
    { ...base, nodes: { a: { ip: '10.0.0.1/24', mac: '02:00:00:00:00:01', tcp: { nagle: true, mss: '1460B' } } } },
    {
      ...base,
      nodes: {
        r: { kind: 'router', interfaces: { lan: '10.0.0.1/24', wan: null }, routes: [{ to: 'default', via: 'x' }] },
      },
    },
    {
      ...base,
      nodes: {
        a: { apps: { 'http-server': { port: 80, pages: { '/': 'x', '/b': { size: '1MB' } } }, two: { kind: 'sink' } } },
      },
    },
    {
      ...base,
      links: [{ between: ['client', 'server:eth0'], delay: '1.5ms', loss: '5%', queue: '64KiB', profile: 'dsl' }],
    },
    {
      ...base,
      links: [
        { between: ['a', 'b'], loss: { gilbert: { enter: '1%', leave: '2%' } }, drop: [{ match: 'tcp', nth: 1 }] },
      ],
    },
    {
      ...base,
      timeline: [
        { at: '0s', node: 'a', do: { ping: { to: 'b', count: `\${n}` } } },
        { after: 'x', link: 'l', set: { down: `\${d}` } },
      ],
    },
    {
      ...base,
      timeline: [
        { when: 'tcp', node: 'a', do: { 'tcp-close': null } },
        { at: '0s', node: 'a', crash: true, for: '1s' },
      ],
    },
    {
      ...base,
      expect: [
        { match: 'tcp', exactly: 2 },
        { state: 'a.b', is: '>= 10' },
        { delivered: { from: 'a', to: 'b', bytes: 'all' } },
      ],
    },
  ])('accepts $nodes $links $timeline $expect', (value) => {
    expect(misfit(schema, value, schema)).toBeNull();
  });

  it.each([
    [{ ...base, packetwalk: 2 }, '.packetwalk'],
    [{ title: 't', nodes: {} }, '.packetwalk required'],
    [{ ...base, lnks: [] }, '.lnks additional'],
    [{ ...base, until: 5 }, '.until type'],
    [{ ...base, until: '5' }, '.until pattern'],
    [{ ...base, seed: -1 }, '.seed minimum'],
    [{ ...base, nodes: { a: { kind: 'swich' } } }, '.nodes.a anyOf'],
    [{ ...base, links: [{ between: ['a', 'b'], laatency: '1ms' }] }, '.links[0].laatency additional'],
    [{ ...base, links: [{ between: ['a', 'b'], delay: 10 }] }, '.links[0].delay type'],
    [{ ...base, timeline: [{ at: '0s', node: 'a', do: { pong: 'b' } }] }, '.timeline[0].do.pong additional'],
  ])('refuses %o', (value, where) => {
    expect(misfit(schema, value, schema)).toContain(where);
  });
});
