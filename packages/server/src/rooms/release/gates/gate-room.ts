import { type Table, toRows } from '@fairlead/frame';
import type { Delivery } from '../../data/index.js';
import type { EvaluationReport } from '../../evaluation/index.js';
import type { ModelVersion } from '../../registry/index.js';
import type { Deployment } from '../../serving/index.js';
import type { ReleaseDeps } from '../release-deps.js';
import { type Answer, askDeployment } from './ask-deployment.js';

export type InputRow = Readonly<Record<string, unknown>>;

/** A version under test with everything that gates may look at. */
export interface GateRoom {
  readonly deps: ReleaseDeps;
  readonly version: ModelVersion;
  /** Where it serves in `test`, and the place that it is to serve in. */
  readonly deployment: Deployment;
  readonly environment: string;
  readonly signal: AbortSignal;
  /** Null: nobody has evaluated the version here. */
  readonly report: EvaluationReport | null;
  /** Deliveries behind the dataset version the model was trained on. */
  readonly deliveries: readonly Delivery[];
  /** The rows that its evaluation judged it on; null without one. Read once. */
  rows(): Promise<Table | null>;
  /** What the deployment in test says, row by row. */
  ask(rows: readonly InputRow[]): Promise<Answer[]>;
}

export interface OpenGateRoom {
  readonly version: ModelVersion;
  readonly deployment: Deployment;
  readonly environment: string;
  readonly signal: AbortSignal;
}

export async function openGateRoom(deps: ReleaseDeps, given: OpenGateRoom): Promise<GateRoom> {
  const { version, deployment, signal } = given;
  const { reportDigest } = version;
  // Null for a version that came from elsewhere.
  const report = reportDigest === null ? null : await deps.evaluation.report(reportDigest);
  let rows: Promise<Table | null> | undefined;
  return {
    ...given,
    deps,
    report,
    deliveries: await deliveriesBehind(deps, version),
    rows: () => {
      rows ??= report === null ? Promise.resolve(null) : deps.data.readPart(report.splitId, report.part);
      return rows;
    },
    ask: (asked) => askDeployment(deps.serving, { deployment, rows: asked, signal }),
  };
}

async function deliveriesBehind({ data }: ReleaseDeps, { source }: ModelVersion): Promise<Delivery[]> {
  const { datasetVersionId } = source;
  const datasetVersion = datasetVersionId === null ? null : await data.versionById(datasetVersionId);
  const ids = [...new Set(datasetVersion?.files.map((file) => file.deliveryId))];
  return Promise.all(ids.map((id) => data.delivery(id)));
}

/** Rows of a table as request bodies with the columns a model takes; missing values are left out. */
export function inputRows(table: Table, { signature }: Pick<ModelVersion, 'signature'>): InputRow[] {
  const columns = signature.inputs.map((input) => input.name);
  return (toRows(table) as Record<string, unknown>[]).map((row) =>
    Object.fromEntries(columns.filter((name) => row[name] != null).map((name) => [name, row[name]])),
  );
}

/** So many rows of `count`, evenly spread, in order. */
export function spreadRows(count: number, wanted: number): Int32Array {
  const taken = Math.min(count, wanted);
  return Int32Array.from({ length: taken }, (_, i) => Math.floor((i * count) / taken));
}
