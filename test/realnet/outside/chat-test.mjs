import { trial } from 'packetwalk/realnet';
import { expect, test } from 'vitest';
import { join, serve } from './chat.mjs';

const NETWORK = {
  nodes: { ann: {}, bob: {}, hub: { kind: 'switch' }, server: {} },
  links: ['ann', 'bob', 'server'].map((node) => ({ id: node, between: [node, 'hub'], delay: '10ms' })),
};

test('everybody reads everything again after a partition', () =>
  trial(NETWORK, { seed: 7 }, async (net) => {
    const shown = [];
    net.host('server').run(serve);
    net.host('bob').run(() => join((text) => shown.push(text), process.env.MENDED === '1'));
    const ann = net.host('ann').run(() => join(() => {}, true));
    await net.advance('2s');
    const mend = net.partition('bob', 'server');
    await net.advance('30s');
    mend();
    await net.advance('30s');
    ann.send('hello');
    await net.advance('1s');
    expect(shown).toEqual(['hello']);
  }));
