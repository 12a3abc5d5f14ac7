import { isJoined, type NamedTensor, splitColumns } from '../../../platform/inference/index.js';
import type { Servable } from '../deployments/load-servable.js';
import { servingErrors } from '../serving-errors.js';
import type { Deployment, PredictRequest, PredictResult } from '../serving-types.js';
import type { AnswerWriter } from './answer-writer.js';
import { describe, InputIssues } from './input-issues.js';
import { type DecodedRow, findNonFinite } from './output-decoder.js';
import { countRows } from './request-rows.js';
import type { Warnings } from './row-encoder.js';

export interface Answer {
  readonly deployment: Deployment;
  readonly decoded: DecodedRow[];
  readonly tensors: PredictResult['tensors'];
  readonly warnings: Warnings;
  /** What the request waited for the model, and what the run took that its rows were in. */
  readonly queueMs: number;
  readonly computeMs: number;
  readonly write: AnswerWriter;
}

const MAX_ID = 200;

/**
 * One model's answer to one request.
 *
 * @throws SRV_INPUT_INVALID, SRV_TENSOR_INVALID, SRV_NONFINITE_OUTPUT and what the inference host throws
 */
export async function computeAnswer(servable: Servable, request: PredictRequest, maxRows: number): Promise<Answer> {
  const { input } = request;
  checkSize(request, maxRows);
  const { tensors, warnings } =
    input.kind === 'rows'
      ? servable.encoder.encode(input.rows)
      : { tensors: asTaken(servable.model, input.tensors), warnings: [] };
  const wanted = input.kind === 'tensors' ? wantedOutputs(servable, input.outputs) : undefined;
  const { outputs, queueMs, computeMs } = await servable.runs.run(tensors, countRows(request), request.isGone);
  const odd = findNonFinite(outputs);
  if (odd !== undefined) {
    throw servingErrors.SRV_NONFINITE_OUTPUT(`Output ${odd.name} is not finite at element ${odd.index}.`, {
      data: { output: odd.name, index: odd.index, deploymentId: servable.deployment.id },
    });
  }
  const decoded = servable.decode(outputs);
  return {
    deployment: servable.deployment,
    decoded,
    warnings,
    queueMs,
    computeMs,
    write: servable.write,
    tensors:
      wanted === undefined ? outputs : wanted.flatMap((name) => outputs.filter((tensor) => tensor.name === name)),
  };
}

/** A request may be copied to, or routed anew to, a version that has other columns or takes each by itself. */
function asTaken(model: Servable['model'], tensors: readonly NamedTensor[]): readonly NamedTensor[] {
  const [only] = tensors;
  return only?.columns === undefined || isJoined(model, tensors) ? tensors : splitColumns(only);
}

function checkSize(request: PredictRequest, maxRows: number): void {
  const count = countRows(request);
  if (count === 0 || count > maxRows) {
    throw servingErrors.SRV_INPUT_INVALID(`The request has ${count} rows, expected 1 to ${maxRows}.`, {
      data: { got: count, expected: `1 to ${maxRows} rows`, issues: [], total: 1 },
    });
  }
  if (request.input.kind === 'rows' && request.input.ids !== undefined) checkIds(request.input.ids, count);
}

function checkIds(ids: readonly unknown[], rows: number): void {
  if (ids.length !== rows) {
    throw servingErrors.SRV_INPUT_INVALID(`There are ${ids.length} ids for ${rows} rows.`, {
      data: { got: ids.length, expected: rows, issues: [], total: 1 },
    });
  }
  const issues = new InputIssues();
  const seen = new Set<unknown>();
  ids.forEach((id, row) => {
    const fits = typeof id === 'string' && id.length > 0 && id.length <= MAX_ID && !seen.has(id);
    if (!fits) issues.add(row, 'ids', { got: id, expected: `a text of its own, 1 to ${MAX_ID} characters` });
    seen.add(id);
  });
  issues.throwIfAny();
}

function wantedOutputs({ model }: Servable, asked: readonly string[] | undefined): readonly string[] | undefined {
  if (asked === undefined) return undefined;
  const known = model.outputs.map(({ name }) => name);
  const odd = asked.find((name, i) => !known.includes(name) || asked.indexOf(name) !== i);
  if (odd === undefined) return asked;
  throw servingErrors.SRV_TENSOR_INVALID(`outputs names ${describe(odd)}, expected each of ${known.join(', ')} once.`, {
    data: { got: odd, expected: known },
  });
}
