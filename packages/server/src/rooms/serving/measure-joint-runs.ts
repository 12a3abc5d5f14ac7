import type { LoadedModel, NamedTensor } from '../../platform/inference/index.js';
import { joinTensors, splitTensors } from './tensor-rows.js';

const ROWS = 16;
const ROUNDS = 5;

/** What a shared run would have to be better than: the time of a row against the fixed time of a run. */
const MAX_ROW_SHARE = 2;

/**
 * Whether requests may share a run of this model. Two conditions, both measured on example rows, one request each:
 * a row's answer is to the bit the same in company as alone (a graph may look across rows, or round otherwise), and
 * with duration = row · n + run, a row costs at most twice a run: above, sharing only makes the first wait for the last.
 */
export async function measureJointRuns(model: LoadedModel, measuring: Measuring): Promise<boolean> {
  const byRow = [...model.inputs, ...model.outputs].every(({ shape }) => shape[0] === -1);
  // A graph that fails on the joint rows is served all the same, request by request.
  return byRow && (await measure(model, measuring).catch(() => false));
}

interface Measuring {
  readonly examples: readonly (readonly NamedTensor[])[];
  readonly elapsedMs: () => number;
}

async function measure(model: LoadedModel, { examples, elapsedMs }: Measuring): Promise<boolean> {
  const [first] = examples;
  if (first === undefined) return false;
  const requests = Array.from({ length: ROWS }, (_, i) => ({ tensors: examples[i % examples.length] ?? first }));
  const joint = joinTensors(requests);
  const split = splitTensors(
    (await model.run(joint)).outputs,
    requests.map(() => 1),
  );
  for (const [i, example] of examples.slice(0, ROWS).entries()) {
    if (!isSame((await model.run(example)).outputs, split[i] as NamedTensor[])) return false;
  }
  const oneMs = await fastest(elapsedMs, () => model.run(first));
  const rowMs = Math.max(0, ((await fastest(elapsedMs, () => model.run(joint))) - oneMs) / (ROWS - 1));
  return rowMs <= MAX_ROW_SHARE * Math.max(0, oneMs - rowMs);
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
