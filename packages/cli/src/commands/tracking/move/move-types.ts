import type { FairleadClient } from '@fairlead/sdk';
import type { AddressMap, ImportSource, SourceExperiment } from '@fairlead/server';
import type { MoveTally } from './move-tally.js';
import type { ServerTools } from './server-tools.js';

export interface MoveOptions {
  readonly client: FairleadClient;
  readonly source: ImportSource;
  readonly tools: ServerTools;
  readonly tally: MoveTally;
  readonly signal: AbortSignal;
  /** Files that are sent at a time. */
  readonly concurrency: number;
  /** False: experiments with what belongs to them only. */
  readonly withModels: boolean;
  /** Models whose files did not move are left out, because only some experiments were asked for. */
  readonly isFiltered: boolean;
  readonly report: (text: string) => void;
}

/** What the parts of a move share. */
export interface Move extends MoveOptions {
  /** Artifact roots of the source → places on this server. */
  readonly places: AddressMap;
  /** Names of models, and of versions as `NAME/NUMBER`, that this run of the command has made. */
  readonly made: Set<string>;
}

/** An experiment of the source and what it is here. */
export interface MovedExperiment {
  readonly source: SourceExperiment;
  readonly id: string;
  readonly artifactRoot: string;
  readonly deletedModelIds: string[];
}

/** How a move ended, beside its counts. */
export interface MoveOutcome {
  readonly source: { readonly kind: ImportSource['kind']; readonly address: string };
  readonly dryRun: boolean;
  readonly leftOut: readonly { readonly what: string; readonly count: number }[];
}
