import { isFairleadError } from '@fairlead/kernel';
import type { ChangeContext } from '../../../platform/db/index.js';
import type { Delivery } from '../../data/index.js';
import type { EvaluationReport } from '../../evaluation/index.js';
import type { ModelVersion } from '../../registry/index.js';
import type { Deployment } from '../../serving/index.js';
import type { ReleaseParts } from '../release-deps.js';
import { type Answer, askDeployment } from './ask-deployment.js';
import { collectAnswers } from './deployed-answers.js';
import { type DeployedReport, type EvaluatedRows, judgeDeployed } from './deployed-report.js';
import { NOT_EVALUATED } from './gate-words.js';
import type { InputRow } from './input-rows.js';

/** A version under test with everything that gates may look at. */
export interface GateRoom extends OpenGateRoom {
  readonly deps: ReleaseParts;
  /** Null: nobody has evaluated the version here. */
  readonly report: EvaluationReport | null;
  /** Deliveries behind the dataset version the model was trained on. */
  readonly deliveries: readonly Delivery[];
  /** The rows that its evaluation judged it on. Read once. */
  rows(): Promise<EvaluatedRows>;
  /** What the deployment in test says, row by row. */
  ask(rows: readonly InputRow[]): Promise<Answer[]>;
  /** The evaluation once more, of what the deployment in test says. Made once. */
  deployed(): Promise<DeployedReport>;
}

export interface OpenGateRoom {
  /** In whose name gates deploy and start what they need. */
  readonly context: ChangeContext;
  readonly version: ModelVersion;
  /** Where it serves in `test`, and the place that it is to serve in. */
  readonly deployment: Deployment;
  readonly environment: string;
  readonly signal: AbortSignal;
}

export async function openGateRoom(deps: ReleaseParts, given: OpenGateRoom): Promise<GateRoom> {
  const { version, deployment, signal } = given;
  const { reportDigest, signature } = version;
  // Null for a version that came from elsewhere.
  const report = reportDigest === null ? null : await deps.evaluation.report(reportDigest);
  const ask = (rows: readonly InputRow[]) => askDeployment(deps.serving, { deployment, rows, signal });
  let found: Promise<EvaluatedRows> | undefined;
  const rows = () => {
    found ??= readRows(deps, report);
    return found;
  };
  let deployed: Promise<DeployedReport> | undefined;
  return {
    ...given,
    deps,
    report,
    deliveries: await deliveriesBehind(deps, version),
    rows,
    ask,
    deployed: () => {
      deployed ??= judgeDeployed({
        ...{ evaluation: deps.evaluation, version, signal, stored: report, rows },
        answers: (table) => collectAnswers({ table, asked: signature, read: signature, ask }),
      });
      return deployed;
    },
  };
}

async function readRows({ data }: ReleaseParts, report: EvaluationReport | null): Promise<EvaluatedRows> {
  if (report === null) return { problem: NOT_EVALUATED };
  try {
    return { table: await data.readPart(report.splitId, report.part) };
  } catch (error) {
    // Rows that were purged or erased will not come back; a fault of the system is tried again by the queue.
    if (!isFairleadError(error) || error.fault !== 'user') throw error;
    return { problem: `the rows that the version was evaluated on cannot be read: ${error.message}` };
  }
}

async function deliveriesBehind({ data }: ReleaseParts, { source }: ModelVersion): Promise<Delivery[]> {
  const { datasetVersionId } = source;
  const datasetVersion = datasetVersionId === null ? null : await data.versionById(datasetVersionId);
  const ids = [...new Set(datasetVersion?.files.map((file) => file.deliveryId))];
  return Promise.all(ids.map((id) => data.delivery(id)));
}
