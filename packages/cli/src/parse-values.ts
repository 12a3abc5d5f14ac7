import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf, parseDurationMs, ROLES, type Role } from '@fairlead/kernel';
import { cliErrors } from './cli-errors.js';

/** For an option that may be given several times. */
export function collect(value: string, former: readonly string[] = []): string[] {
  return [...former, value];
}

/** `k=v` pairs as parameters: JSON where the value is JSON (numbers, true, lists), text otherwise. Throws CLI_USAGE. */
export function parseParams(pairs: readonly string[] = []): Record<string, unknown> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw cliErrors.CLI_USAGE(`'${pair}' is no parameter: write name=value.`);
      return [pair.slice(0, at), jsonOrText(pair.slice(at + 1))];
    }),
  );
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A whole number of at least `min`. Throws CLI_USAGE. */
export function parseWhole(text: string, name: string, min = 1): number {
  const value = Number(text);
  if (/^[0-9]+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value;
  throw cliErrors.CLI_USAGE(`${name} is '${text}': write a whole number of at least ${min}.`);
}

/** A number within a range. Throws CLI_USAGE. */
export function parseNumber(text: string, name: string, { min = -Infinity, max = Infinity } = {}): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isFinite(value) && value >= min && value <= max) return value;
  const range = min === -Infinity ? '' : max === Infinity ? ` of at least ${min}` : ` from ${min} to ${max}`;
  throw cliErrors.CLI_USAGE(`${name} is '${text}': write a number${range}.`);
}

/** Milliseconds of a length of time such as `30d`. Throws CLI_USAGE. */
export function parseLength(text: string, name: string): number {
  try {
    return parseDurationMs(text);
  } catch (cause) {
    throw cliErrors.CLI_USAGE(`${name} is '${text}': write a time such as 60s, 5m, 12h or 30d.`, { cause });
  }
}

/** Milliseconds since the epoch of a date or a time with its zone. Throws CLI_USAGE. */
export function parseMoment(text: string, name: string): number {
  const atMs = Date.parse(text);
  // Without a zone it would be read in that of this machine, while all times are shown in UTC.
  if (!Number.isNaN(atMs) && /(Z|[+-][0-9]{2}:?[0-9]{2}|^[0-9]{4}-[0-9]{2}-[0-9]{2})$/.test(text)) return atMs;
  throw cliErrors.CLI_USAGE(`${name} is '${text}': write a date, or a time with its zone such as 2026-03-01T12:00Z.`);
}

/** One of `choices`. Throws CLI_USAGE. */
export function parseChoice<const C extends string>(text: string, name: string, choices: readonly C[]): C {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw cliErrors.CLI_USAGE(`${name} is '${text}': write one of ${choices.join(', ')}.`);
}

/** Names of columns separated by commas, each once. Throws CLI_USAGE. */
export function parseNames(text: string, name: string): string[] {
  const names = text.split(',').map((one) => one.trim());
  if (!names.includes('')) return [...new Set(names)];
  throw cliErrors.CLI_USAGE(`${name} is '${text}': write names of columns separated by commas.`);
}

export function parseRoles(text: string): Role[] {
  const names = text.split(',').map((name) => name.trim());
  return names.filter((name) => name !== '').map((name) => parseChoice(name, 'the role', ROLES));
}

/** `rain/3` as model and version; the version may be an alias, and is `latest` when absent. */
export function parseVersionRef(text: string): { model: string; version: string } {
  const at = text.lastIndexOf('/');
  return at < 1 ? { model: text, version: 'latest' } : { model: text.slice(0, at), version: text.slice(at + 1) };
}

export async function readText(path: string, cwd: string): Promise<string> {
  try {
    return await readFile(resolve(cwd, path), 'utf8');
  } catch (cause) {
    throw cliErrors.CLI_FILE_UNREADABLE(`${path} cannot be read: ${messageOf(cause)}`, { data: { path }, cause });
  }
}

/** JSON given on the command line or in a file. Throws CLI_USAGE. */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw cliErrors.CLI_USAGE(`${what} is no JSON: ${messageOf(cause)}`, { cause });
  }
}
