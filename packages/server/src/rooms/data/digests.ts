import { createHash } from 'node:crypto';
import { canonicalJson } from '@fairlead/kernel';
import type { SourceFile } from './acquire-source.js';
import type { EffectiveContract } from './contract-rules.js';
import { effectiveContract } from './contract-rules.js';
import type { ColumnSpec, DatasetSpec } from './data-types.js';

/** sha256 of the canonical JSON of a value. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

/** The digest of what a spec demands. Two specs that differ in path, format or description demand the same. */
export function specDigest(spec: DatasetSpec, columns: Readonly<Record<string, ColumnSpec>> | null): string {
  return contractDigest(effectiveContract(spec, columns ?? spec.source.columns ?? {}));
}

/** The order of the columns counts: it is the order of the version's columns. */
export function contractDigest(contract: EffectiveContract): string {
  return digestOf({ ...contract, columns: Object.entries(contract.columns), derive: Object.entries(contract.derive) });
}

/** One file: its own digest. Several: the digest of theirs, in order; names do not count. */
export function sourceDigest(files: readonly SourceFile[]): string {
  const [only] = files;
  return files.length === 1 && only !== undefined ? only.digest : digestOf(files.map((file) => file.digest));
}

export function fingerprint(source: string, contract: string, mode: 'append' | 'replace'): string {
  return digestOf({ source, contract, mode });
}
