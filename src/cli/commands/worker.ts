import type { Command } from 'commander';
import { Interrupt } from '../interrupt.ts';
import { once } from '../options.ts';
import type { Session } from '../session.ts';
import { terminalOf } from '../terminal.ts';

export function addWorker(program: Command, _session: Session): void {
  program
    .command('worker')
    .summary('run pieces of sweeps that others hand out over Redis')
    .description('Takes pieces of work of packetwalk sweep --engine bullmq from Redis until it is stopped.')
    .addOption(once('--redis <url>', 'where Redis is (default: redis://127.0.0.1:6379)', String))
    .option('-q, --quiet', 'say nothing')
    .addHelpText('before', 'Examples:\n  packetwalk worker --redis redis://10.0.0.5:6379\n')
    .action((options: { readonly redis?: string; readonly quiet?: boolean }) => serve(options));
}

async function serve({ redis, quiet }: { readonly redis?: string; readonly quiet?: boolean }): Promise<void> {
  const { err } = terminalOf(false);
  const { serveRedis } = await import('../sweep/redis.ts');
  const interrupt = new Interrupt();
  interrupt.listen();
  let runs = 0;
  if (!quiet) await err.write('waiting for work; Ctrl-C ends\n');
  await serveRedis(
    redis,
    (more) => {
      runs += more;
    },
    interrupt.signalled,
  );
  if (!quiet) await err.write(`${runs} runs\n`);
}
