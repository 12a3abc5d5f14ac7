import type { UploadPart } from '../file-types.js';

const MAX_PARTS = 10_000;

/** What is wrong with the number of parts of an upload, in words; null when it is fine. */
export function partsProblem(parts: number): string | null {
  return Number.isInteger(parts) && parts >= 1 && parts <= MAX_PARTS
    ? null
    : `${parts} is not a number of parts from 1 to ${MAX_PARTS}`;
}

/** What is wrong with the number of one part, in words; null when it is fine. */
export function partNumberProblem(partNumber: number, parts: number): string | null {
  return Number.isInteger(partNumber) && partNumber >= 1 && partNumber <= parts
    ? null
    : `${partNumber} is not the number of a part from 1 to ${parts}`;
}

export interface CompletionFlaws {
  /** Numbers of parts that the server does not have; at most the first hundred. */
  readonly missing: readonly number[];
  /** Numbers of parts whose ETag is not that of what the server has; at most the first hundred. */
  readonly different: readonly number[];
  /** True when the parts that were named are not 1, 2, 3 … to the last. */
  readonly disordered: boolean;
}

/** What keeps an upload from being joined; undefined when nothing does. Every part has to be named once, in order. */
export function completionFlaws(
  expected: number,
  stored: readonly UploadPart[],
  named: readonly { partNumber: number; etag: string }[],
): CompletionFlaws | undefined {
  const known = new Map(stored.map((part) => [part.partNumber, part.etag]));
  const numbers = Array.from({ length: expected }, (_, index) => index + 1);
  const missing = numbers.filter((number) => !known.has(number));
  const different = named
    .filter(({ partNumber, etag }) => known.has(partNumber) && known.get(partNumber) !== bareEtag(etag))
    .map(({ partNumber }) => partNumber);
  const disordered = named.length !== expected || named.some(({ partNumber }, index) => partNumber !== index + 1);
  if (missing.length + different.length === 0 && !disordered) return undefined;
  return { missing: missing.slice(0, 100), different: different.slice(0, 100), disordered };
}

/** HTTP writes an ETag in quotes. */
function bareEtag(etag: string): string {
  return etag.replace(/^"(.*)"$/, '$1');
}
