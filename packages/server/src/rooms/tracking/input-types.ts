import type { ChangeContext } from '../../platform/db/index.js';

/** A dataset by the client's word: not one that this server keeps (that is a dataset version of the data room). */
export interface InputDataset {
  readonly name: string;
  readonly digest: string;
  readonly sourceType: string;
  /** Where it came from, JSON as the client wrote it. */
  readonly source: string;
  readonly schema: string | null;
  readonly profile: string | null;
}

export interface RunInput {
  readonly dataset: InputDataset;
  readonly tags: Readonly<Record<string, string>>;
}

export interface RunModelLink {
  readonly modelId: string;
  /** Step of training at which the model came out; null for inputs. */
  readonly step: number | null;
}

export interface RunLinks {
  readonly datasets: readonly RunInput[];
  readonly modelInputs: readonly RunModelLink[];
  readonly modelOutputs: readonly RunModelLink[];
}

export interface InputService {
  /** Equal (name, digest) of an experiment is one dataset; the same input again changes nothing but its tags. */
  logInputs(
    context: ChangeContext,
    runId: string,
    inputs: { datasets?: readonly RunInput[]; modelIds?: readonly string[] },
  ): Promise<void>;
  logOutputs(
    context: ChangeContext,
    runId: string,
    models: readonly { modelId: string; step: number }[],
  ): Promise<void>;
  /** Of many runs in one query. Runs without any have empty lists. */
  linksOf(runIds: readonly string[]): Promise<ReadonlyMap<string, RunLinks>>;
  /** Distinct (experiment, name, digest, context), at most 1,000. */
  datasetsOf(
    experimentIds: readonly string[],
  ): Promise<readonly { experimentId: string; name: string; digest: string; context: string | null }[]>;
}
