// @ts-check
// Completes package-lock.json: a registry that mirrors only some platforms leaves out the native packages of the others,
// and `npm ci` then refuses the lock everywhere. Their entries follow from the exact versions their parents ask for and
// from their names; npm skips them where system or processor do not match. Run it after every change of the lock.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const OS = {
  android: 'android',
  darwin: 'darwin',
  freebsd: 'freebsd',
  linux: 'linux',
  openharmony: 'openharmony',
  win32: 'win32',
  windows: 'win32',
  sunos: 'sunos',
  netbsd: 'netbsd',
  openbsd: 'openbsd',
  aix: 'aix',
};
const CPU = {
  arm64: 'arm64',
  aarch64: 'arm64',
  x64: 'x64',
  ia32: 'ia32',
  arm: 'arm',
  armv7: 'arm',
  riscv64: 'riscv64',
  ppc64: 'ppc64',
  s390x: 's390x',
  loong64: 'loong64',
  mips64el: 'mips64el',
  wasm32: 'wasm32',
};

/**
 * System, processor and C library in a native package's name, for example `@scope/cli-linux-x64-musl`.
 * @param {string} name
 */
export function platformOf(name) {
  const words = name.split('/').at(-1)?.split('-') ?? [];
  const os = words.map((word) => OS[/** @type {keyof OS} */ (word)]).find(Boolean);
  const cpu = words.map((word) => CPU[/** @type {keyof CPU} */ (word)]).find(Boolean);
  const libc = words.some((word) => word.startsWith('musl'))
    ? 'musl'
    : words.some((word) => word.startsWith('gnu'))
      ? 'glibc'
      : undefined;
  return { os, cpu, libc };
}

/**
 * @param {{packages: Record<string, any>}} lock
 * @returns {string[]} what was added
 */
export function completeLock(lock) {
  /** @type {string[]} */
  const added = [];
  for (const entry of Object.values({ ...lock.packages })) {
    for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
      const place = `node_modules/${name}`;
      if (lock.packages[place] !== undefined) continue;
      const { os, cpu, libc } = platformOf(name);
      if (os === undefined && cpu === undefined) continue;
      const version = String(range).replace(/^[~^=]/, '');
      lock.packages[place] = {
        version,
        ...(cpu !== undefined && { cpu: [cpu] }),
        ...(entry.dev && { dev: true }),
        optional: true,
        ...(os !== undefined && { os: [os] }),
        ...(libc !== undefined && os === 'linux' && { libc: [libc] }),
      };
      added.push(`${name}@${version}`);
    }
  }
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  return added;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = fileURLToPath(new URL('../package-lock.json', import.meta.url));
  const lock = JSON.parse(readFileSync(path, 'utf8'));
  const added = completeLock(lock);
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(added.length === 0 ? 'package-lock.json is complete' : `added ${added.join(', ')}`);
}
