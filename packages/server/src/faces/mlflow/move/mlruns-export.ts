import { pathToFileURL } from 'node:url';
import type { AddressMap } from './address-map.js';
import type { ExportCounts } from './export-summary.js';
import type { ImportSource, SourceProblem } from './import-source.js';
import type { WrittenTree } from './write-tree.js';

/** What the parts of an export to the folder layout work with. */
export interface MlrunsExport {
  readonly source: ImportSource;
  readonly tree: WrittenTree;
  readonly counts: ExportCounts;
  readonly problems: SourceProblem[];
  /** Artifact roots of the source → addresses in the written folder. */
  readonly moved: AddressMap;
  /** Paths of datasets that are written: runs share them. */
  readonly datasets: Set<string>;
  report(): void;
}

/** The address that the layout records for a place in it. A deleted experiment's is where it was before. */
export function addressOf({ tree }: MlrunsExport, ...parts: readonly string[]): string {
  return pathToFileURL([tree.root, ...parts].join('/')).href;
}
