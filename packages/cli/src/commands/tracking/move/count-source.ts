import type { ImportSource } from '@fairlead/server';
import type { MoveTally } from './move-tally.js';

export interface CountOptions {
  readonly source: ImportSource;
  readonly tally: MoveTally;
  readonly withModels: boolean;
  readonly report: (text: string) => void;
}

/** What a source has, without writing anything and without asking the server. */
export async function countSource({ source, tally, withModels, report }: CountOptions): Promise<void> {
  const countFiles = async (owner: Parameters<ImportSource['files']>[0]) => {
    for await (const { sizeBytes } of source.files(owner)) {
      tally.add('files', 'found');
      tally.fileBytes += sizeBytes ?? 0;
    }
  };
  for await (const experiment of source.experiments()) {
    report(`experiment ${experiment.name}`);
    tally.add('experiments', 'found');
    for await (const model of source.loggedModels(experiment.id)) {
      tally.add('logged models', 'found');
      await countFiles({ kind: 'logged-model', ...model });
    }
    for await (const run of source.runs(experiment.id)) {
      report(`${experiment.name}: ${tally.kinds.runs.found} runs`);
      tally.add('runs', 'found');
      tally.add('params', 'found', Object.keys(run.params).length);
      tally.add('tags', 'found', Object.keys(run.tags).length);
      const { datasets, modelInputs, modelOutputs } = run.links;
      tally.add('inputs and outputs', 'found', datasets.length + modelInputs.length + modelOutputs.length);
      const keys = new Set<string>();
      for await (const { key, points } of source.points(run)) {
        keys.add(key);
        tally.add('points', 'found', points.length);
      }
      tally.add('series', 'found', keys.size);
      await countFiles({ kind: 'run', ...run });
    }
  }
  if (!withModels) return;
  for await (const model of source.models()) {
    tally.add('models', 'found');
    tally.add('versions', 'found', model.versions.length);
    tally.add('aliases', 'found', Object.keys(model.aliases).length);
  }
}
