import type { LockedPackage } from './card-types.js';

/** The packages that a lock file pins; null for a file of a kind that is not known, or that is broken. */
export function lockedPackages(name: string, text: string): LockedPackage[] | null {
  if (name === 'package-lock.json') return fromPackageLock(text);
  if (name === 'requirements.txt') return fromRequirements(text);
  if (name === 'uv.lock' || name === 'poetry.lock') return fromTables(text);
  return null;
}

function fromPackageLock(text: string): LockedPackage[] | null {
  const parsed = parseJson(text) as { packages?: Readonly<Record<string, unknown>> } | null;
  if (typeof parsed?.packages !== 'object' || parsed.packages === null) return null;
  const found = new Map<string, LockedPackage>();
  for (const [path, value] of Object.entries(parsed.packages)) {
    const at = path.lastIndexOf('node_modules/');
    const { version, integrity, link, name } = (value ?? {}) as Readonly<Record<string, unknown>>;
    if (at < 0 || link === true || typeof version !== 'string') continue;
    const own = typeof name === 'string' ? name : path.slice(at + 'node_modules/'.length);
    found.set(`${own}@${version}`, { ecosystem: 'npm', name: own, version, hash: fromIntegrity(integrity) });
  }
  return [...found.values()].sort(byName);
}

const ALGORITHMS = { sha512: 'SHA-512', sha384: 'SHA-384', sha256: 'SHA-256', sha1: 'SHA-1' } as const;

/** Subresource integrity, `sha512-` and base64, as hex. */
function fromIntegrity(integrity: unknown): LockedPackage['hash'] {
  const [, name, base64] = /^(sha512|sha384|sha256|sha1)-([A-Za-z0-9+/=]+)/.exec(String(integrity)) ?? [];
  if (name === undefined || base64 === undefined) return null;
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const content = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return { algorithm: ALGORITHMS[name as keyof typeof ALGORITHMS], content };
}

/** Lines `name==version`; anything else (ranges, addresses, options) pins nothing and is left out. */
function fromRequirements(text: string): LockedPackage[] {
  const found: LockedPackage[] = [];
  for (const line of text.replaceAll('\\\n', ' ').split(/\r?\n/)) {
    const [, name, version] =
      /^\s*([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*===?\s*([A-Za-z0-9.+!_-]+)/.exec(line) ?? [];
    if (name === undefined || version === undefined) continue;
    const [, content] = /--hash=sha256:([0-9a-f]{64})/.exec(line) ?? [];
    found.push({
      ecosystem: 'pypi',
      name: pypiName(name),
      version,
      hash: content === undefined ? null : { algorithm: 'SHA-256', content },
    });
  }
  return found.sort(byName);
}

/** The `[[package]]` tables of uv and poetry, of which name and version alone are read. */
function fromTables(text: string): LockedPackage[] {
  const found: LockedPackage[] = [];
  for (const table of text.split(/^\[\[package\]\]\s*$/m).slice(1)) {
    const head = table.split(/^\[/m, 1)[0] ?? '';
    const [, name] = /^name\s*=\s*"([^"]+)"/m.exec(head) ?? [];
    const [, version] = /^version\s*=\s*"([^"]+)"/m.exec(head) ?? [];
    // The project itself stands in uv.lock too, without a registry.
    if (name === undefined || version === undefined || /source\s*=\s*\{\s*(editable|virtual)/.test(head)) continue;
    found.push({ ecosystem: 'pypi', name: pypiName(name), version, hash: null });
  }
  return found.sort(byName);
}

/** Names of one package that PyPI takes for equal are equal (PEP 503). */
const pypiName = (name: string) => name.toLowerCase().replace(/[-_.]+/g, '-');

const byName = (a: LockedPackage, b: LockedPackage) =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : a.version < b.version ? -1 : 1;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
