import { type LoadedModel, type NamedTensor, RunCost } from '../../../platform/inference/index.js';
import { joinTensors, splitTensors } from './tensor-rows.js';

const ROWS = 16;
const ROUNDS = 5;

/** What runs cost that several requests may share. */
export interface JointRuns {
  readonly cost: RunCost;
  /** The way to where the model computes and back, which is part of `cost`. */
  readonly hopMs: number;
}

/**
 * What a run costs whose rows are of several requests; undefined when they may not share one: a row's answer must be to the bit
 * the same in company as alone (a graph may look across rows, or round otherwise). Measured on example rows, one request each.
 */
export async function measureJointRuns(model: LoadedModel, measuring: Measuring): Promise<JointRuns | undefined> {
  const byRow = [...model.inputs, ...model.outputs].every(({ shape }) => shape[0] === -1);
  // A graph that fails on the joint rows is served all the same, request by request.
  return byRow ? measure(model, measuring).catch(() => undefined) : undefined;
}

interface Measuring {
  readonly examples: readonly (readonly NamedTensor[])[];
  readonly elapsedMs: () => number;
}

async function measure(model: LoadedModel, { examples, elapsedMs }: Measuring): Promise<JointRuns | undefined> {
  const [first] = examples;
  if (first === undefined) return undefined;
  const requests = Array.from({ length: ROWS }, (_, i) => ({ tensors: examples[i % examples.length] ?? first }));
  const joint = joinTensors(requests);
  const split = splitTensors(
    (await model.run(joint)).outputs,
    requests.map(() => 1),
  );
  for (const [i, example] of examples.slice(0, ROWS).entries()) {
    if (!isSame((await model.run(example)).outputs, split[i] as NamedTensor[])) return undefined;
  }
  let computeMs = Infinity;
  const oneMs = await fastest(elapsedMs, async () => {
    computeMs = Math.min(computeMs, (await model.run(first)).computeNs / 1e6);
  });
  const jointMs = await fastest(elapsedMs, () => model.run(joint));
  const cost = new RunCost([
    { rows: 1, ms: oneMs },
    { rows: ROWS, ms: jointMs },
  ]);
  return { cost, hopMs: Math.max(0, oneMs - computeMs) };
}

/** The fastest of some rounds: whatever else the machine does only ever adds time. */
async function fastest(elapsedMs: () => number, work: () => Promise<unknown>): Promise<number> {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round += 1) {
    const startedMs = elapsedMs();
    await work();
    best = Math.min(best, elapsedMs() - startedMs);
  }
  return best;
}

function isSame(alone: readonly NamedTensor[], inCompany: readonly NamedTensor[]): boolean {
  return alone.every(({ data }, i) => {
    const other = inCompany[i]?.data;
    if (other?.length !== data.length) return false;
    for (let k = 0; k < data.length; k += 1) if (!Object.is(data[k], other[k])) return false;
    return true;
  });
}
