// A script that is compiled once for many starts. V8 hands over what it has compiled as octets, which are of use to the
// same Node with the same flags only, and which V8 refuses otherwise; they are kept in the person's own cache folder, one file for each command, since
// a command compiles what it runs. Where there is no such folder, or nothing may be written, all goes on without.
//
// V8 believes these octets. So nothing is read that somebody else could have written, and a checksum stands before them.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const vm = require('node:vm');
const zlib = require('node:zlib');

const MOST_BYTES = 64 << 20;
const CHECKSUM_BYTES = 4;
/** Of a few versions, for all commands. */
const MOST_FILES = 32;

/**
 * Runs a CommonJS script. `part`: which part of it this start will run. Returns its exports, and `keep`, which writes
 * down what has been compiled by then, if that is not known already.
 */
exports.load = (file, part) => {
  const source = fs.readFileSync(file, 'latin1');
  // The build writes a digest of the script on its last line.
  const build = source.slice(source.lastIndexOf('\n') + 3);
  const folder = /^[0-9a-f]{32}$/.test(build) ? cacheFolder() : null;
  const kept = folder && path.join(folder, `${part}-${build}-${process.version}-${process.arch}`);
  const cachedData = kept ? read(kept) : undefined;
  const wrapped = `(function(exports,require,module,__filename,__dirname,$later){${source}\n})`;
  const script = new vm.Script(wrapped, { filename: file, cachedData });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module, file, path.dirname(file), laterFrom(path.dirname(file)));
  const isKnown = cachedData !== undefined && !script.cachedDataRejected;
  const keep = () => {
    if (kept && !isKnown) write(kept, script);
  };
  return { exports: module.exports, keep };
};

/** Stands for `import()` in the script, which Node allows in files that it reads itself. */
function laterFrom(folder) {
  return (specifier) =>
    import(specifier.startsWith('./') ? pathToFileURL(path.join(folder, specifier)).href : specifier);
}

/** As Node's own cache of this kind: NODE_COMPILE_CACHE says where, NODE_DISABLE_COMPILE_CACHE that there is none. */
function cacheFolder() {
  const { NODE_DISABLE_COMPILE_CACHE, NODE_COMPILE_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (NODE_DISABLE_COMPILE_CACHE) return null;
  try {
    const home = () => require('node:os').homedir();
    const caches =
      NODE_COMPILE_CACHE ||
      (process.platform === 'win32'
        ? LOCALAPPDATA
        : process.platform === 'darwin'
          ? path.join(home(), 'Library', 'Caches')
          : XDG_CACHE_HOME || path.join(home(), '.cache'));
    return caches && path.isAbsolute(caches) ? path.join(caches, 'packetwalk') : null;
  } catch {
    return null;
  }
}

/** Ours, and nobody else may write it. Windows keeps a person's folders from others by itself. */
function isOwn({ uid, mode }) {
  return process.geteuid === undefined || (uid === process.geteuid() && (mode & 0o022) === 0);
}

function isOwnFolder(folder) {
  const found = fs.lstatSync(folder, { throwIfNoEntry: false });
  return found?.isDirectory() === true && isOwn(found);
}

function read(file) {
  let handle;
  try {
    if (!isOwnFolder(path.dirname(file))) return undefined;
    handle = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW || 0) | (fs.constants.O_NONBLOCK || 0));
    const found = fs.fstatSync(handle);
    if (!found.isFile() || !isOwn(found) || found.size <= CHECKSUM_BYTES || found.size > MOST_BYTES) return undefined;
    const bytes = Buffer.alloc(found.size);
    if (fs.readSync(handle, bytes) !== bytes.length) return undefined;
    const data = bytes.subarray(CHECKSUM_BYTES);
    return zlib.crc32(data) === bytes.readUInt32LE() ? data : undefined;
  } catch {
    return undefined;
  } finally {
    if (handle !== undefined) fs.closeSync(handle);
  }
}

/** Whole or not at all: another start may be reading, or writing the same. */
function write(file, script) {
  const folder = path.dirname(file);
  const unfinished = `${file}.${process.pid}`;
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!isOwnFolder(folder)) return;
    const data = script.createCachedData();
    const checksum = Buffer.alloc(CHECKSUM_BYTES);
    checksum.writeUInt32LE(zlib.crc32(data));
    fs.writeFileSync(unfinished, Buffer.concat([checksum, data]), { flag: 'wx', mode: 0o600 });
    fs.renameSync(unfinished, file);
    forgetOld(folder);
  } catch {
    // It was worth a try.
    try {
      fs.rmSync(unfinished, { force: true });
    } catch {}
  }
}

function forgetOld(folder) {
  const files = fs.readdirSync(folder).map((name) => path.join(folder, name));
  const age = (file) => fs.lstatSync(file).mtimeMs;
  const newest = files.map((file) => [age(file), file]).sort(([one], [other]) => other - one);
  for (const [, file] of newest.slice(MOST_FILES)) fs.rmSync(file, { force: true });
}
