import { describe, expect, it } from 'vitest';
import { Session, shellWord } from '../../src/cli/session.ts';

describe('replay', () => {
  it('adds the seed that was drawn from the scenario', () => {
    const session = new Session(['run', 'a b.pw.yaml']);
    expect(session.replay).toBe("packetwalk run 'a b.pw.yaml'");
    session.runs({ seed: '42', happened: () => 7 });
    expect(session.replay).toBe("packetwalk run 'a b.pw.yaml' --seed 42");
    expect(session.happened).toBe(7);
  });

  it('keeps a seed that was given', () => {
    const session = new Session(['run', 'x', '--seed=7']);
    session.runs({ seed: '7', happened: () => 0 });
    expect(session.replay).toBe('packetwalk run x --seed=7');
  });

  it('quotes what a shell would take apart', () => {
    expect(shellWord("it's $HOME")).toBe("'it'\\''s $HOME'");
    expect(shellWord('')).toBe("''");
  });
});
