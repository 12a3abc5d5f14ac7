import { isAbsolute, join, resolve } from 'node:path';
import { Ajv } from 'ajv';
import { configErrors } from './config-errors.js';
import { CONFIG_KEYS, expectedOf, type LeafSchema } from './config-keys.js';
import type { Config } from './config-schema.js';
import { findConfigFile, fromEnvironment, fromFile, fromFlags, type Given } from './config-sources.js';

export interface LoadConfigOptions {
  /** Flags of the command line under kebab-case or camelCase names; `config` names the file to read. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder that relative paths start from. */
  readonly cwd: string;
}

/** One thing wrong with the configuration, as found in `data.issues` of CFG_INVALID. */
export interface ConfigIssue {
  readonly source: string;
  readonly key: string;
  readonly got: string;
  readonly expected: string;
}

const ajv = new Ajv({ strict: false });

/**
 * Merges defaults < file < environment < flags. The file is `--config`, FAIRLEAD_CONFIG, or
 * `fairlead.config.json|yaml|yml` in home. Throws CFG_INVALID that names every unknown key and wrong value.
 */
export function loadConfig({ flags, env, cwd }: LoadConfigOptions): Config {
  const above = [...fromEnvironment(env), ...fromFlags(flags)];
  const issues: ConfigIssue[] = [];
  const values = new Map<string, unknown>(CONFIG_KEYS.map(({ key, schema }) => [key, schema.default]));
  for (const given of [...readFile(above, { flags, env, cwd }), ...above]) {
    const checked = check(given);
    if (checked.issue !== undefined) issues.push(checked.issue);
    else values.set(given.key, checked.value);
  }
  if (issues.length > 0) throw invalid(issues);
  return freeze(build(values, cwd));
}

function readFile(above: readonly Given[], { flags, env, cwd }: LoadConfigOptions): Given[] {
  const named = flags.config ?? env.FAIRLEAD_CONFIG;
  if (typeof named === 'string' && named !== '') return fromFile(resolve(cwd, named));
  const home = above.findLast(({ key }) => key === 'home')?.value ?? '.fairlead';
  const path = findConfigFile(resolve(cwd, String(home)));
  if (path === undefined) return [];
  const given = fromFile(path);
  // A file that lies in home and names another home would be right and wrong at the same time.
  const misplaced = given.find(({ key }) => key === 'home');
  if (misplaced !== undefined) {
    const expected = 'no home in a file found in home; use --home, or name the file with --config';
    throw invalid([{ source: misplaced.source, key: 'home', got: shown(misplaced), expected }]);
  }
  return given;
}

function check(given: Given): { issue: ConfigIssue } | { issue?: undefined; value: unknown } {
  const { source, key } = given;
  const schema = CONFIG_KEYS.find((candidate) => candidate.key === key)?.schema;
  if (schema === undefined) return { issue: { source, key, got: shown(given), expected: 'a known key' } };
  const value = given.text ? parseText(String(given.value), schema) : given.value;
  if (ajv.validate(schema, value)) return { value };
  return { issue: { source, key, got: shown(given), expected: expectedOf(schema) } };
}

/** Text as the kind of value the schema asks for, or unchanged when it is not of that kind: then the check refuses it. */
function parseText(text: string, schema: LeafSchema): unknown {
  if (schema.type === 'integer') return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
  if (schema.type === 'number') return /^\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  if (schema.type === 'boolean')
    return text === 'true' || text === '1' || (text === 'false' || text === '0' ? false : text);
  if (schema.type === 'object') return parseObject(text);
  if (schema.type === 'array') return text === '' ? [] : text.split(separatorOf(schema)).map((item) => item.trim());
  return text;
}

const separatorOf = ({ splitBefore }: LeafSchema) =>
  splitBefore === undefined ? ',' : new RegExp(`,(?=\\s*${splitBefore})`);

function parseObject(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The value for a message, unless it may hold a password. */
function shown({ key, value }: Given): string {
  const secret = CONFIG_KEYS.find((candidate) => candidate.key === key)?.schema.secret;
  return secret ? 'a value that is not shown' : (JSON.stringify(value) ?? String(value)).slice(0, 200);
}

function invalid(issues: readonly ConfigIssue[]) {
  const lines = issues.map(({ source, key, got, expected }) => `${source}: ${key} is ${got}, expected ${expected}`);
  return configErrors.CFG_INVALID(`The configuration is not valid. ${lines.join('. ')}.`, { data: { issues } });
}

function build(values: ReadonlyMap<string, unknown>, cwd: string): Config {
  const config: Record<string, unknown> = {};
  for (const [key, value] of values) {
    if (value === undefined) continue;
    const [head = key, member] = key.split('.');
    if (member === undefined) config[head] = Array.isArray(value) ? [...value] : value;
    else config[head] = { ...(config[head] as object | undefined), [member]: value };
  }
  const home = resolve(cwd, String(config.home));
  return { ...config, home, databaseUrl: databaseUrl(config.databaseUrl, { home, cwd }) } as unknown as Config;
}

function databaseUrl(given: unknown, { home, cwd }: { home: string; cwd: string }): string {
  if (typeof given !== 'string') return join(home, 'fairlead.db');
  return given.includes('://') || isAbsolute(given) ? given : resolve(cwd, given);
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) freeze(member);
    Object.freeze(value);
  }
  return value;
}
