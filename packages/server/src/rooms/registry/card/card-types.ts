import type { EvaluationReport } from '../../evaluation/index.js';
import type { LineageNode, Run } from '../../tracking/index.js';
import type { VersionRecord } from '../catalogue/catalogue-types.js';
import type { HumanTexts } from './card-formats.js';

/** A package that the training environment had, by its lock file. */
export interface LockedPackage {
  readonly ecosystem: 'npm' | 'pypi';
  readonly name: string;
  readonly version: string;
  /** Hex, where the lock file has one. */
  readonly hash: { readonly algorithm: 'SHA-256' | 'SHA-512' | 'SHA-384' | 'SHA-1'; readonly content: string } | null;
}

export interface LockedEnvironment {
  readonly name: string;
  readonly digest: string | null;
  /** Null: the bytes are not here or cannot be read; empty: it locks nothing. */
  readonly packages: readonly LockedPackage[] | null;
}

/** A dataset that the version came from, by the lineage graph. */
export interface CardDataset extends LineageNode {
  readonly distance: number;
}

/** Everything that a card says, gathered before any of it is written. Null and empty mean: recorded nowhere. */
export interface CardFacts {
  readonly record: VersionRecord;
  readonly report: EvaluationReport | null;
  /** The run that made it. */
  readonly run: Run | null;
  readonly datasets: readonly CardDataset[];
  readonly environment: LockedEnvironment | null;
  readonly texts: HumanTexts;
}

/** A measured quality, for people and for programs. */
export interface CardMetric {
  readonly name: string;
  readonly value: number;
  /** Which rows: null means all that were judged. */
  readonly slice: string | null;
  readonly interval: { readonly lower: number; readonly upper: number; readonly confidence: number } | null;
}
