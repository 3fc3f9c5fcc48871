// Stands in a file of its own, because `import()` is a syntax error to a Node that the launcher still answers politely.
'use strict';

import('../dist/cli/main.js').then(
  (cli) => cli.main(process.argv.slice(2)),
  (error) => {
    const unbuilt = error.code === 'ERR_MODULE_NOT_FOUND' && String(error.message).includes('/dist/cli/main.js');
    process.stderr.write(unbuilt ? 'packetwalk is not built yet: run `npm run build`\n' : `${error.stack}\n`);
    process.exitCode = unbuilt ? 2 : 70;
  },
);
