import { isMap, isScalar, isSeq, type ParsedNode, parseDocument } from 'yaml';
import { moveErrors } from './move-errors.js';

/** A value of a file of the store. Numbers stay texts: ids have more digits than a double can hold. */
export type YamlValue = string | null | readonly YamlValue[] | { readonly [key: string]: YamlValue };
export type YamlRecord = { readonly [key: string]: YamlValue };

const MAX_DEPTH = 8;

/**
 * Reads a `meta.yaml`. Only plain data is understood: aliases (which can grow without end), tags (which name Python classes),
 * repeated keys and deep nesting are refused. Throws MOVE_RECORD_BROKEN.
 */
export function readYaml(text: string, place: string): YamlRecord {
  const document = parse(text, place);
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== undefined) throw broken(place, problem.message.split('\n')[0] as string);
  if (document.contents === null || !isMap(document.contents)) throw broken(place, 'it is no map');
  return plain(document.contents as ParsedNode, place, 0) as YamlRecord;
}

function parse(text: string, place: string) {
  try {
    return parseDocument(text, { schema: 'failsafe', uniqueKeys: true, stringKeys: true, logLevel: 'silent' });
  } catch (cause) {
    if (cause instanceof RangeError) throw broken(place, 'it is nested too deep'); // the parser ran out of stack
    throw cause;
  }
}

function plain(node: unknown, place: string, depth: number): YamlValue {
  if (depth > MAX_DEPTH) throw broken(place, 'it is nested too deep');
  if (node === null) return null;
  if (isScalar(node)) {
    const text = String(node.value ?? '');
    return node.type === 'PLAIN' && /^(?:null|Null|NULL|~|)$/.test(text) ? null : text;
  }
  if (isSeq(node)) return node.items.map((item) => plain(item, place, depth + 1));
  if (isMap(node)) {
    const entries = node.items.map(({ key, value }) => {
      if (!isScalar(key)) throw broken(place, 'a key is no text');
      return [String(key.value), plain(value, place, depth + 1)] as const;
    });
    return Object.fromEntries(entries);
  }
  throw broken(place, 'it has an alias');
}

const broken = (place: string, why: string) =>
  moveErrors.MOVE_RECORD_BROKEN(`${place} cannot be read: ${why}.`, { data: { place } });
