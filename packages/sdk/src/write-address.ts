import type { QueryValue } from './call-types.js';

/** The path of an operation with its parameters filled in; `{*}` keeps its slashes. Throws TypeError when one is missing. */
export function pathOf(template: string, params: Readonly<Record<string, string | number>>): string {
  return template.replaceAll(/\{([^}]+)\}/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined || value === '') throw new TypeError(`The path ${template} needs a value for '${name}'.`);
    const segments = name === '*' ? String(value).split('/') : [String(value)];
    // fetch would take these for steps up and down the path, however they are escaped.
    const step = segments.find((segment) => segment === '.' || segment === '..');
    if (step !== undefined) throw new TypeError(`'${step}' cannot stand for '${name}' in a path.`);
    return segments.map(encodeURIComponent).join('/');
  });
}

/** `?a=1&b=2`, or nothing; undefined members are left out. */
export function queryOf(query: object): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query) as [string, QueryValue][]) {
    if (value !== undefined) search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}
