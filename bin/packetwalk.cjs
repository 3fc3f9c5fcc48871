#!/usr/bin/env node
// Written so that the oldest Node can read it: whoever has one gets a sentence and not a syntax error.
'use strict';

var running = process.versions.node.split('.');
var major = Number(running[0]);
var minor = Number(running[1]);

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write('packetwalk needs Node.js 20.19 or newer; this is '.concat(process.version, '.\n'));
  process.exitCode = 2;
} else if (process.argv.length === 3 && (process.argv[2] === '--version' || process.argv[2] === '-V')) {
  process.stdout.write(require('../package.json').version.concat('\n'));
} else {
  require('./start.cjs');
}
