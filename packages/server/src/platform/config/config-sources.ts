import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '@fairlead/kernel';
import { parse as parseYaml } from 'yaml';
import { configErrors } from './config-errors.js';
import { CONFIG_KEYS } from './config-keys.js';

/** One value as a source gave it. `text` values come from the environment or the command line and are parsed by schema. */
export interface Given {
  readonly source: string;
  readonly key: string;
  readonly value: unknown;
  readonly text: boolean;
}

const FILE_NAMES = ['fairlead.config.json', 'fairlead.config.yaml', 'fairlead.config.yml'];

/** Variables with our prefix that are no settings of the server: those of clients, of pipeline steps and of tests. */
const FOREIGN_ENVIRONMENT =
  /^FAIRLEAD_(CONFIG|URL|TOKEN|DEBUG|(TEST|RUN|STEP|INPUT|OUTPUT|PARAM|TRACKING|PIPELINE|DEMO|BENCH)(_.*)?)$/;

export function fromEnvironment(env: Readonly<Record<string, string | undefined>>): Given[] {
  return Object.entries(env).flatMap(([name, value]): Given[] => {
    if (!name.startsWith('FAIRLEAD_') || value === undefined || FOREIGN_ENVIRONMENT.test(name)) return [];
    const key = CONFIG_KEYS.find((candidate) => candidate.environment === name)?.key ?? name;
    return [{ source: `environment variable ${name}`, key, value, text: true }];
  });
}

/** Flags under their kebab-case or camelCase name; `config` is the path of the file and no setting. */
export function fromFlags(flags: Readonly<Record<string, unknown>>): Given[] {
  return Object.entries(flags).flatMap(([name, value]): Given[] => {
    if (value === undefined || name === 'config') return [];
    const kebab = name.replaceAll('.', '-').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const key = CONFIG_KEYS.find((candidate) => candidate.flag === kebab)?.key ?? name;
    return [{ source: `flag --${kebab}`, key, value, text: typeof value === 'string' }];
  });
}

/** The configuration file inside `home`, if there is one. Throws CFG_INVALID when there are two. */
export function findConfigFile(home: string): string | undefined {
  const found = FILE_NAMES.map((name) => join(home, name)).filter((path) => existsSync(path));
  if (found.length > 1) {
    throw configErrors.CFG_INVALID(`There is more than one configuration file: ${found.join(', ')}. Keep one.`, {
      data: { issues: found.map((source) => ({ source, key: '', got: 'a file', expected: 'one file only' })) },
    });
  }
  return found[0];
}

/** The values of a JSON or YAML file, nested objects flattened to dotted keys. Throws CFG_INVALID. */
export function fromFile(path: string): Given[] {
  let content: unknown;
  try {
    const text = readFileSync(path, 'utf8');
    content = path.endsWith('.json') ? JSON.parse(text) : parseYaml(text, { maxAliasCount: 100 });
  } catch (cause) {
    throw configErrors.CFG_INVALID(`The configuration file ${path} cannot be read: ${messageOf(cause)}`, {
      data: { issues: [{ source: path, key: '', got: messageOf(cause), expected: 'a JSON or YAML mapping' }] },
      cause,
    });
  }
  if (content === null || content === undefined) return [];
  if (!isMapping(content)) {
    throw configErrors.CFG_INVALID(`The configuration file ${path} is no mapping of keys to values.`, {
      data: { issues: [{ source: path, key: '', got: typeof content, expected: 'a mapping' }] },
    });
  }
  return flattenMapping(content, '').map(([key, value]) => ({ source: `file ${path}`, key, value, text: false }));
}

function flattenMapping(mapping: Readonly<Record<string, unknown>>, prefix: string): [string, unknown][] {
  return Object.entries(mapping).flatMap(([name, value]): [string, unknown][] => {
    const key = prefix + name;
    const nested = CONFIG_KEYS.some((candidate) => candidate.key.startsWith(`${key}.`));
    return nested && isMapping(value) ? flattenMapping(value, `${key}.`) : [[key, value]];
  });
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
