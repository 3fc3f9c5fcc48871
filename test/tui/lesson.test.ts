import { describe, expect, it } from 'vitest';
import type { CommandName } from '../../src/tui/commands.ts';
import { Compositor } from '../../src/tui/compositor.ts';
import { boxOf, type LessonState, lessonOn, scoreOf } from '../../src/tui/lesson.ts';
import { cursorOf, storyOf } from '../../src/tui/model.ts';
import { choiceAt } from '../../src/tui/panes/quiz.ts';
import { walkPlain } from '../../src/tui/plain.ts';
import { viewOf } from '../../src/tui/view.ts';
import { bundledText, Emulator, hostOf, Stage } from './stage.ts';

const SYN = 'tcp-lost-syn';

async function taught(name: string, columns = 120, rows = 40): Promise<Stage> {
  return Stage.of(name, columns, rows).taught();
}

/** Up to the first question. */
async function asked(name = SYN): Promise<Stage> {
  const stage = await taught(name);
  return stage.keys('enter', 'c');
}

describe('a lesson', () => {
  it('begins with its question, before anything is shown', async () => {
    const stage = await taught(SYN);
    expect(boxOf(stage.model)?.kind).toBe('opening');
    expect(stage.screen()).toContain('Who tells the client that its SYN was lost?');
    expect(cursorOf(stage.model)).toBe(storyOf(stage.model).stopAfter(-1));
  });

  it.each<CommandName>(['step forward', 'next packet', 'next stop', 'end', 'until its fate', 'play'])(
    'lets nobody past a question by %s',
    async (name) => {
      const stage = await taught(SYN);
      stage.keys('enter');
      for (let tries = 0; tries < 60 && boxOf(stage.model)?.kind !== 'question'; tries++) {
        const from = cursorOf(stage.model);
        stage.does(name);
        if (name === 'until its fate' && cursorOf(stage.model) === from) stage.does('step forward');
        if (name === 'play') for (let tick = 0; tick < 80; tick++) stage.send({ kind: 'tick' });
      }
      const at = cursorOf(stage.model);
      expect(boxOf(stage.model)?.kind).toBe('question');
      expect(storyOf(stage.model).entries[at]?.event.kind).toBe('dropped');
      stage.does(name);
      if (name === 'play') for (let tick = 0; tick < 4; tick++) stage.send({ kind: 'tick' });
      stage.keys('t').types('5s').keys('enter');
      stage.keys('right', 'n', 'G', 'space');
      expect(cursorOf(stage.model)).toBe(at);
    },
  );

  it('goes past it once it is answered, and judges a prediction only when it has happened', async () => {
    const stage = await asked();
    stage.keys('1');
    expect(stage.model.notice?.text).toContain('your prediction: The server asks again');
    expect(stage.screen()).toContain('Your prediction: The server asks');
    expect(stage.screen()).toContain('0/0 right');
    expect(stage.screen()).not.toMatch(/✗ No|It is:/);
    stage.keys('c');
    expect(stage.screen()).toContain("✗ No. It is: The client's timer");
    const score = { right: 0, told: 1, answered: 1, all: 2 };
    expect(scoreOf(stage.model, lessonOn(stage.model) as LessonState)).toEqual(score);
  });

  it('answers by number, by arrows and by a click', async () => {
    const byNumber = (await asked()).keys('2');
    const byArrows = (await asked()).keys('down', 'enter');
    const stage = await asked();
    const rows = stage.canvas().rows();
    const y = rows.findIndex((row) => row.includes("2  The client's timer fires"));
    const x = (rows[y] as string).indexOf('timer');
    const room = stage.layout.placesOf(stage.model).get('lesson') ?? null;
    expect(choiceAt(viewOf(stage.model), room, x, y)).toBe(1);
    expect(choiceAt(viewOf(stage.model), room, 1, y)).toBe(null);
    stage.send({ kind: 'answer', choice: 1 });
    for (const each of [byNumber, byArrows, stage]) {
      expect([...(each.model.lesson?.answers.values() ?? [])]).toEqual([
        { given: "The client's timer fires", result: 'right' },
      ]);
    }
  });

  it('gives a hint, and lets a question be skipped', async () => {
    const stage = await asked();
    const hint = 'Hint: Who of the two knows';
    expect(stage.screen()).not.toContain(hint);
    expect(stage.keys('h').screen()).toContain(hint);
    stage.keys('?', 'c');
    expect([...(stage.model.lesson?.answers.values() ?? [])]).toEqual([{ given: '', result: 'skipped' }]);
    expect(stage.screen()).toContain("It is: The client's timer fires.");
  });

  it('puts a question aside to look around, and asks again', async () => {
    const stage = await asked();
    stage.keys('esc');
    expect(boxOf(stage.model)).toBe(null);
    expect(stage.screen()).toContain('A question waits');
    stage.keys('left', 'left');
    expect(stage.screen()).not.toContain('A question waits');
    stage.keys('right', 'right');
    expect(boxOf(stage.model)?.kind).toBe('question');
    stage.keys('esc', 'right');
    expect(boxOf(stage.model)?.kind).toBe('question');
  });

  it('takes a written answer', async () => {
    const stage = await asked('ws-upgrade');
    while (boxOf(stage.model)?.kind !== 'question') stage.keys('c');
    stage.keys('enter');
    expect(stage.model.notice?.text).toContain('type an answer');
    stage.types('10x').keys('backspace').types('1').keys('enter');
    expect([...(stage.model.lesson?.answers.values() ?? [])][0]).toEqual({ given: '101', result: 'right' });
  });

  it('shows, stepped back, what was shown then', async () => {
    const stage = (await asked('tcp-lost-segment')).keys('?');
    const shown = new Map<number, string>();
    while (!storyOf(stage.model).isLast(cursorOf(stage.model))) {
      if (boxOf(stage.model)) stage.keys('?');
      stage.send({ kind: 'told', text: '', isError: false });
      shown.set(cursorOf(stage.model), stage.screen());
      stage.keys('right');
    }
    stage.keys('esc');
    const at = [...shown.keys()].reverse();
    expect(at.length).toBeGreaterThan(100);
    for (const seq of at) {
      stage.keys('left');
      stage.send({ kind: 'told', text: '', isError: false });
      expect(cursorOf(stage.model)).toBe(seq);
      expect(stage.screen()).toBe(shown.get(seq));
    }
  });

  it('points at the very packet that refutes a belief, and says at the end what to remember', async () => {
    const stage = await asked();
    stage.keys('2', 'c', 'c', '2', 'G');
    const end = stage.screen();
    expect(end).toContain('Lost packets are requested again by the receiver.');
    expect(end).toContain('0.98 s');
    expect(end).toContain('Remember: Without an answer there is only time.');
    expect(end).toContain('2/2 right');
    stage.keys('E');
    const rows = stage.canvas().rows();
    expect(rows.some((row) => /▶ +4 !1\.000000 +client +TCP +\[TCP Retransmission\]/.test(row))).toBe(true);
    expect(stage.screen()).toContain('! Often believed');
  });

  it('tells of its own run: in a branch it is silent', async () => {
    const stage = (await asked()).keys('?', 'n', 'i', 'enter');
    expect(stage.model.branches.length).toBe(2);
    expect(boxOf(stage.model)).toBe(null);
    expect(stage.screen()).toContain('The lesson tells of branch A');
  });

  it('goes off and on again', async () => {
    const stage = await asked();
    const before = Stage.of(SYN).model.slots;
    stage.keys('e');
    expect(stage.model.slots).toEqual(before);
    stage.keys('n', 'n');
    expect(boxOf(stage.model)).toBe(null);
    stage.keys('e');
    expect(boxOf(stage.model)?.kind).toBe('question');
  });

  it('is offered where there is one, and only there', () => {
    expect(Stage.of(SYN, 80, 24).screen()).toContain('e lesson');
    const text = bundledText(SYN).replace(/\nlesson:[\s\S]*$/, '\n');
    const stage = new Stage(hostOf(text, 'own'), 80, 24);
    expect(stage.screen()).not.toContain('e lesson');
    stage.keys('e');
    expect(stage.effects).toEqual([]);
    expect(stage.model.notice).toMatchObject({ isError: true });
  });
});

describe('in sentences', () => {
  async function said(name: string, ...lines: string[]): Promise<string> {
    const written: string[] = [];
    async function* typed() {
      yield* lines;
    }
    await walkPlain(hostOf(bundledText(name), name), {
      write: async (text) => void written.push(text),
      lines: typed(),
      lesson: true,
    });
    return written.join('');
  }

  it('asks, hints, judges and sums up', async () => {
    const text = await said(SYN, '', 'c', '', 'h', '1', 'c', 'c', '2', 'G');
    expect(text).toContain('Who tells the client that its SYN was lost?\n');
    expect(text).toContain("Predict 1: What happens next?\n1: The server asks again\n2: The client's timer fires\n");
    expect(text).toContain('Hint: Who of the two knows that there was a SYN?\n');
    expect(text).toContain("You predicted: The server asks again\n✗ No. It is: The client's timer fires.\n");
    expect(text).toContain('✓ right: two seconds more.\n');
    expect(text).toContain('Remember: Without an answer');
    expect(text).toContain('1 of 2 right.');
  });

  it('does not go on before it is answered, and takes a written answer', async () => {
    const locked = await said(SYN, '', 'c', 'n', 'step forward', 'G');
    expect(locked.match(/Predict 1/g)?.length).toBe(4);
    expect(locked).not.toContain('Remember:');
    const text = await said('ws-upgrade', '', 'c', '99', 'c', 'c');
    expect(text).toMatch(/You predicted: 99\n✗ No\. It is: 101\./);
  });
});

describe.each([SYN, 'mtu-blackhole', 'ws-upgrade'])('the lesson of %s', (name) => {
  it.each([
    [80, 24],
    [120, 40],
  ] as const)(
    'looks as it did at %i×%i, and each screen painted over the last is as painted anew',
    async (columns, rows) => {
      const stage = await taught(name, columns, rows);
      const emulator = new Emulator(columns, rows);
      const compositor = new Compositor('true', false);
      const kept: string[] = [];
      const keep = async (what: string) => {
        const canvas = stage.canvas();
        await emulator.write(compositor.compose(canvas));
        const fresh = new Emulator(columns, rows);
        await fresh.write(new Compositor('true', false).compose(canvas));
        expect(emulator.cells()).toEqual(fresh.cells());
        kept.push(`--- ${what}`, ...emulator.rows());
      };
      await keep('opening');
      stage.keys('enter');
      for (let stops = 0; stops < 20 && boxOf(stage.model)?.kind !== 'closing'; stops++) {
        stage.keys('c');
        while (boxOf(stage.model)?.kind === 'question') {
          await keep('question');
          stage.keys('tab');
          await keep('hint');
          const box = boxOf(stage.model);
          const hasChoices = box?.kind === 'question' && box.pending.question.choices.length > 0;
          if (hasChoices) stage.keys('2');
          else stage.types('7').keys('enter');
          await keep('answered');
        }
      }
      await keep('closing');
      stage.keys('E');
      await keep('refutation');
      await expect(`${kept.join('\n')}\n`).toMatchFileSnapshot(`golden/lesson-${name}-${columns}x${rows}.txt`);
    },
  );
});
