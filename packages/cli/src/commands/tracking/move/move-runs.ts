import type { ImportVerdictView, RunInventoryView } from '@fairlead/contracts';
import type { SourceRun } from '@fairlead/server';
import { moveFiles } from './move-files.js';
import type { Move, MovedExperiment } from './move-types.js';
import { PointSender, type SeriesDigests } from './send-points.js';

const RUNS_AT_ONCE = 50;

/** The runs of an experiment, some at a time: records, points, files, links; then everything is compared. */
export async function moveRuns(move: Move, experiment: MovedExperiment): Promise<void> {
  const deletedRunIds: string[] = [];
  let batch: SourceRun[] = [];
  const flush = async () => {
    if (batch.length > 0) await moveBatch(move, experiment, batch);
    batch = [];
  };
  for await (const run of move.source.runs(experiment.source.id)) {
    move.signal.throwIfAborted();
    move.tally.add('runs', 'found');
    if (run.lifecycle === 'deleted') deletedRunIds.push(run.id);
    move.places.add(run.artifactRoot, `${experiment.artifactRoot}/${run.id}/artifacts`);
    move.places.add(`runs:/${run.id}`, `${experiment.artifactRoot}/${run.id}/artifacts`);
    batch.push(run);
    if (batch.length === RUNS_AT_ONCE) await flush();
  }
  await flush();
  const { deletedModelIds } = experiment;
  if (deletedRunIds.length + deletedModelIds.length === 0) return;
  const { client, signal } = move;
  await client.imports.settle(experiment.id, { runIds: deletedRunIds, modelIds: deletedModelIds }, { signal });
}

async function moveBatch(move: Move, experiment: MovedExperiment, runs: readonly SourceRun[]): Promise<void> {
  const { client, signal, tally, report } = move;
  report(`${experiment.source.name}: ${tally.kinds.runs.found} runs, ${tally.kinds.points.found} points`);
  const verdicts = await importRecords(move, experiment, runs, false);
  const accepted = runs.filter(({ id }) => ['made', 'found'].includes(verdicts.get(id)?.outcome ?? 'absent'));
  const known = accepted.filter(({ id }) => verdicts.get(id)?.outcome === 'found').map(({ id }) => id);
  const before = await inventoriesOf(move, known);
  const sender = new PointSender(move);
  const digests = new Map<string, SeriesDigests>();
  for (const run of accepted) digests.set(run.id, await sender.sendRun(run, before.get(run.id)));
  await sender.flush();
  const files = new Map<string, ReadonlyMap<string, string>>();
  for (const run of accepted) {
    const root = `${experiment.artifactRoot}/${run.id}/artifacts`;
    const here = before.get(run.id)?.files ?? [];
    files.set(run.id, await moveFiles(move, { owner: { kind: 'run', ...run }, root, here }));
  }
  for (const run of accepted) await moveLinks(move, run);
  const checked = await importRecords(move, experiment, accepted, true);
  const after = await inventoriesOf(
    move,
    accepted.map(({ id }) => id),
  );
  for (const run of runs) {
    const verdict = verdicts.get(run.id);
    const problems = [
      ...new Set([...(verdict?.problems ?? ['it is not here']), ...(checked.get(run.id)?.problems ?? [])]),
    ];
    tellRun(move, run, { outcome: verdict?.outcome ?? 'absent', problems });
    const read = digests.get(run.id);
    if (read !== undefined) await sender.compare(run, { read, before: before.get(run.id), after: after.get(run.id) });
    compareFiles(move, run, { read: files.get(run.id), after: after.get(run.id) });
  }
  signal.throwIfAborted();
  await client.system.version(); // a server that went away is found here and not in the next long batch
}

/** Sends records together; when the server refuses them so, one by one, to find the one it does not like. */
async function importRecords(
  move: Move,
  { id: experimentId }: MovedExperiment,
  runs: readonly SourceRun[],
  check: boolean,
): Promise<Map<string, ImportVerdictView>> {
  const { client, signal, tools } = move;
  const records = runs.map((run) => {
    const { tags, note = '', parentRunId = null } = tools.splitRunTags(run.tags);
    const { id, name, status, startedAtMs, endedAtMs, userName, params } = run;
    return { id, experimentId, name, status, startedAtMs, endedAtMs, userName, parentRunId, note, params, tags };
  });
  const send = async (some: typeof records): Promise<ImportVerdictView[]> => {
    if (some.length === 0) return [];
    try {
      return (await client.imports.runs({ runs: some, check }, { signal })).items;
    } catch (error) {
      const refusal = tools.refusalOf(error);
      const [first, ...rest] = some;
      if (first !== undefined && rest.length === 0) return [{ id: first.id, outcome: 'refused', problems: [refusal] }];
      const half = Math.ceil(some.length / 2);
      return [...(await send(some.slice(0, half))), ...(await send(some.slice(half)))];
    }
  };
  return new Map((await send(records)).map((verdict) => [verdict.id, verdict]));
}

async function inventoriesOf(
  { client, signal }: Move,
  runIds: readonly string[],
): Promise<Map<string, RunInventoryView>> {
  if (runIds.length === 0) return new Map();
  const { items } = await client.imports.inventory(
    { runIds: [...runIds], digests: true },
    { signal, timeoutMs: 600_000 },
  );
  return new Map(items.map((one) => [one.runId, one]));
}

function tellRun(
  { tally, tools }: Move,
  run: SourceRun,
  { outcome, problems }: { outcome: ImportVerdictView['outcome']; problems: readonly string[] },
): void {
  const place = `run ${run.id}`;
  const done = outcome === 'made' ? 'moved' : 'already';
  const isHere = outcome === 'made' || outcome === 'found';
  const { tags } = tools.splitRunTags(run.tags);
  for (const [kind, word, found] of [
    ['params', 'param ', Object.keys(run.params).length],
    ['tags', 'tag ', Object.keys(tags).length],
  ] as const) {
    const own = problems.filter((problem) => problem.startsWith(word));
    tally.add(kind, 'found', found);
    if (!isHere) tally.add(kind, 'differs', found);
    else {
      tally.add(kind, done, found - own.length);
      for (const problem of own) tally.differ(kind, place, [problem]);
    }
  }
  const rest = problems.filter((problem) => !/^(?:param|tag) /.test(problem));
  if (!isHere || rest.length > 0) tally.differ('runs', place, rest);
  else tally.add('runs', done);
}

async function moveLinks({ client, signal, tally, tools }: Move, { id, links }: SourceRun): Promise<void> {
  const found = links.datasets.length + links.modelInputs.length + links.modelOutputs.length;
  if (found === 0) return;
  tally.add('inputs and outputs', 'found', found);
  const record = {
    datasets: links.datasets.map(({ dataset, tags }) => ({ dataset: { ...dataset }, tags: { ...tags } })),
    modelInputs: [...links.modelInputs],
    modelOutputs: links.modelOutputs.map((output) => ({ ...output })),
  };
  try {
    const sent = await client.imports.links(id, record, { signal });
    const { problems } = await client.imports.links(id, { ...record, check: true }, { signal });
    const all = [...new Set([...sent.problems, ...problems])];
    const good = Math.max(0, found - all.length);
    tally.add('inputs and outputs', sent.outcome === 'made' ? 'moved' : 'already', good);
    for (const problem of all) tally.differ('inputs and outputs', `run ${id}`, [problem]);
  } catch (error) {
    tally.add('inputs and outputs', 'differs', found - 1);
    tally.differ('inputs and outputs', `run ${id}`, [tools.refusalOf(error)]);
  }
}

/** Digests by path, as read from the source, against those of what the server keeps. */
function compareFiles(
  { tally }: Move,
  run: SourceRun,
  { read, after }: { read: ReadonlyMap<string, string> | undefined; after: RunInventoryView | undefined },
): void {
  const here = new Map(after?.files.map(({ path, digest }) => [path, digest]));
  for (const [path, digest] of read ?? []) {
    if (here.get(path) !== digest)
      tally.differ('files', `run ${run.id}, ${path}`, ['it is not here with the same digest']);
  }
}
