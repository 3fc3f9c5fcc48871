/** Topic names and topic filters (MQTT 3.1.1 section 4.7; shared subscriptions: MQTT 5.0 section 4.8.2). */

import { MAX_MQTT_TOPIC_LEVELS } from '../../limits.ts';

/** What is wrong with a topic name as the end of a sentence; null: nothing. */
export function topicProblem(topic: string): string | null {
  if (topic === '') return 'the topic is empty';
  if (/[#+]/.test(topic)) return 'the topic has a wildcard in it';
  return levelsProblem(topic, 'topic');
}

/** What is wrong with a topic filter; null: nothing. */
export function filterProblem(filter: string): string | null {
  if (filter === '') return 'the topic filter is empty';
  const tooMany = levelsProblem(filter, 'topic filter');
  if (tooMany) return tooMany;
  const levels = filter.split('/');
  for (const [index, level] of levels.entries()) {
    if (level.includes('#') && (level !== '#' || index !== levels.length - 1)) {
      return 'a # must be the last level of a topic filter, alone';
    }
    if (level.includes('+') && level !== '+') return 'a + must be a level of a topic filter, alone';
  }
  return filter === '$share' || filter.startsWith('$share/') ? sharedProblem(levels) : null;
}

function levelsProblem(text: string, what: string): string | null {
  let levels = 1;
  for (const character of text) if (character === '/') levels++;
  return levels > MAX_MQTT_TOPIC_LEVELS ? `the ${what} has ${levels} levels, more than ${MAX_MQTT_TOPIC_LEVELS}` : null;
}

function sharedProblem([, group = '', ...rest]: readonly string[]): string | null {
  if (group === '' || /[#+]/.test(group)) return 'the name of a shared subscription is empty or has a wildcard in it';
  return rest.join('/') === '' ? 'a shared subscription has no topic filter' : null;
}

/** `$share/GROUP/FILTER` taken apart; `group` is null for an ordinary filter. */
export function sharedOf(filter: string): { readonly group: string | null; readonly filter: string } {
  if (!filter.startsWith('$share/')) return { group: null, filter };
  const end = filter.indexOf('/', 7);
  return { group: filter.slice(7, end), filter: filter.slice(end + 1) };
}

/** Whether a filter (without `$share`) matches a topic. Wildcards in the first place do not match `$SYS` (MQTT-4.7.2-1). */
export function matchesTopic(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[#+]/.test(filter)) return false;
  const levels = topic.split('/');
  const wanted = filter.split('/');
  for (const [index, level] of wanted.entries()) {
    // "The multi-level wildcard represents the parent and any number of child levels" (section 4.7.1.2).
    if (level === '#') return true;
    if (index >= levels.length || (level !== '+' && level !== levels[index])) return false;
  }
  return wanted.length === levels.length;
}
