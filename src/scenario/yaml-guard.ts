/**
 * What YAML can do and a scenario may not, found in the parser's tokens before anything is built from them. Building is
 * recursive and follows aliases: on a hostile file it takes minutes, or the process with it.
 */

import { CST } from 'yaml';
import { MAX_DEPTH, MAX_VALUES } from './limits.ts';
import type { Problems, Spot } from './problem.ts';

/** Reports what is refused. False: the tokens must not be built at all. */
export function guardTokens(tokens: readonly CST.Token[], problems: Problems): boolean {
  let documents = 0;
  for (const token of tokens) {
    if (token.type === 'directive') refuseDirective(token, problems);
    if (token.type !== 'document') continue;
    documents++;
    if (documents > 1) {
      const hint = 'one file holds one scenario: delete the line `---` or split the file';
      problems.error(spotOf(token.start[0] ?? token), 'PW0205', 'a second document begins here', hint);
      return false;
    }
    if (!guardDocument(token, problems)) return false;
  }
  return true;
}

function refuseDirective(token: CST.Directive, problems: Problems): void {
  const hint = 'delete the line; scenarios are always YAML 1.2';
  problems.error(spotOf(token), 'PW0204', `the directive \`${clipped(token.source)}\` is not used here`, hint);
}

/** Walks all tokens of a document with a list of its own instead of by recursion, so that no depth can hurt. */
function guardDocument(document: CST.Document, problems: Problems): boolean {
  const open: { readonly token: CST.Token; readonly depth: number; readonly isKey: boolean }[] = [];
  let values = 0;
  const visit = (token: CST.Token | null | undefined, depth: number, isKey: boolean) => {
    if (token) open.push({ token, depth, isKey });
  };
  guardProperties(document.start, problems);
  visit(document.value, 1, false);
  for (let next = open.pop(); next; next = open.pop()) {
    const { token, depth, isKey } = next;
    if (!isKey && ++values > MAX_VALUES) {
      problems.error(spotOf(token), 'PW0207', `the file holds more than ${MAX_VALUES} values`);
      return false;
    }
    if (token.type === 'alias') refuseAlias(token, problems);
    if (!CST.isCollection(token)) {
      if (token.type === 'block-scalar') guardProperties(token.props, problems);
      continue;
    }
    if (depth > MAX_DEPTH) {
      problems.error(spotOf(token), 'PW0206', `the nesting is deeper than ${MAX_DEPTH} levels`);
      return false;
    }
    // The last is taken up first, so they go in backwards.
    for (const item of token.items.toReversed()) {
      guardProperties(item.start, problems);
      if (item.sep) guardProperties(item.sep, problems);
      visit(item.value, depth + 1, false);
      visit(item.key, depth + 1, true);
    }
  }
  return true;
}

/** What may stand before a value: anchors, tags, the question mark of an explicit key. */
function guardProperties(properties: readonly CST.Token[], problems: Problems): void {
  for (const property of properties) {
    if (property.type === 'anchor') {
      problems.error(spotOf(property), 'PW0202', `the anchor \`${clipped(property.source)}\` is not used here`, REPEAT);
    } else if (property.type === 'tag') {
      refuseTag(property, problems);
      // `!tcp && udp` looks like a tag and an anchor; one of the two words is enough.
      return;
    } else if (property.type === 'explicit-key-ind') {
      problems.error(spotOf(property), 'PW0210', 'keys with `?` are not used here', 'write `key: value`');
    }
  }
}

const REPEAT = `write the value out where it is needed, or use \`params\` and \${name}`;

function refuseAlias(token: CST.FlowScalar, problems: Problems): void {
  problems.error(spotOf(token), 'PW0202', `the alias \`${clipped(token.source)}\` is not used here`, REPEAT);
}

function refuseTag(token: CST.SourceToken, problems: Problems): void {
  const hint = token.source.startsWith('!!')
    ? 'a scenario is data only: write the plain value'
    : 'a filter or text that begins with `!` must be quoted: "!tcp"';
  problems.error(spotOf(token), 'PW0203', `the tag \`${clipped(token.source)}\` is not used here`, hint);
}

function spotOf(token: CST.Token): Spot {
  const length = 'source' in token ? token.source.length : 1;
  return { at: token.offset, length, path: '' };
}

/** Long words are cut in messages. */
export function clipped(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
