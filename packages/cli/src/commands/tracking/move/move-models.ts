import type { ModelImportVerdictView } from '@fairlead/contracts';
import type { SourceModel, SourceVersion } from '@fairlead/server';
import type { Move } from './move-types.js';

const COPY = /^models:\/([^/]+)\/([1-9]\d*)$/;

/** Registered models with their versions. A copy is moved after what it was copied from, as often as copies are chained. */
export async function moveModels(move: Move): Promise<void> {
  const models: SourceModel[] = [];
  for await (const model of move.source.models()) {
    if (!move.isFiltered || model.versions.some((version) => isOfMoved(move, version))) models.push(model);
  }
  const done = new Map<string, Set<number>>(models.map(({ name }) => [name, new Set()]));
  const isReady = ({ source }: SourceVersion) => {
    const [, name = '', version] = COPY.exec(source) ?? [];
    // What is copied from a model that is not in this source is left to the server to judge.
    return name === '' || !done.has(name) || done.get(name)?.has(Number(version)) === true;
  };
  for (let round = 0; ; round += 1) {
    let moved = 0;
    for (const model of models) {
      const known = done.get(model.name) ?? new Set();
      const ready = model.versions.filter((version) => !known.has(version.version) && isReady(version));
      if (ready.length === 0 && round > 0) continue;
      await moveModel(move, model, { versions: ready, aliases: {} });
      for (const { version } of ready) known.add(version);
      moved += ready.length;
    }
    if (moved === 0) break;
  }
  // Copies of copies of themselves are left: the server says of each what is wrong.
  for (const model of models) await finishModel(move, model);
}

/** True when the version was made of something in the experiments that were asked for. */
function isOfMoved({ places }: Move, { source, filesRoot, loggedModelId, lifecycle }: SourceVersion): boolean {
  if (lifecycle === 'deleted') return false;
  return places.find(source) !== undefined || places.find(filesRoot) !== undefined || loggedModelId !== null;
}

type Part = Pick<SourceModel, 'versions' | 'aliases'>;

async function moveModel(move: Move, model: SourceModel, part: Part, check = false): Promise<ModelImportVerdictView> {
  const { client, signal, report, tools } = move;
  report(`model ${model.name}`);
  const { name, description, tags, createdAtMs, updatedAtMs } = model;
  const versions = part.versions.map((version) => {
    const { version: number, runId, loggedModelId, description: text, link, stage, lifecycle } = version;
    const times = { createdAtMs: version.createdAtMs, updatedAtMs: version.updatedAtMs };
    const source = sourceHere(move, version);
    return {
      version: number,
      source,
      runId,
      loggedModelId,
      description: text,
      link,
      stage,
      lifecycle,
      tags: version.tags,
      ...times,
    };
  });
  try {
    const record = { description, tags, aliases: part.aliases, versions, createdAtMs, updatedAtMs, check };
    const verdict = await client.imports.model(name, record, { signal });
    if (verdict.outcome === 'made') move.made.add(name);
    for (const { version, outcome } of verdict.versions) if (outcome === 'made') move.made.add(`${name}/${version}`);
    return verdict;
  } catch (error) {
    const refusal = tools.refusalOf(error);
    return {
      outcome: 'refused',
      problems: [refusal],
      versions: versions.map(({ version }) => ({ version, outcome: 'refused', problems: [refusal] })),
    };
  }
}

/** Where the files of a version are here, in this server's words. */
function sourceHere({ places }: Move, { source, filesRoot, loggedModelId }: SourceVersion): string {
  const copy = COPY.exec(source);
  if (copy !== null) return `model:${copy[1]}/${copy[2]}`;
  if (loggedModelId !== null) return `logged-model:${loggedModelId}`;
  return places.find(source) ?? places.find(filesRoot) ?? source;
}

/** Sends everything once more, with the aliases, and tells what is not as it was found. */
async function finishModel(move: Move, model: SourceModel): Promise<void> {
  const { tally } = move;
  const before = await moveModel(move, model, { versions: [], aliases: model.aliases }, true);
  const sent = await moveModel(move, model, model);
  const checked = await moveModel(move, model, model, true);
  const place = `model ${model.name}`;
  tally.add('models', 'found');
  tally.add('versions', 'found', model.versions.length);
  const aliases = Object.keys(model.aliases);
  tally.add('aliases', 'found', aliases.length);
  const problems = [...new Set([...sent.problems, ...checked.problems])];
  const ofAlias = (problem: string) => problem.startsWith('alias ');
  for (const problem of problems.filter(ofAlias)) tally.differ('aliases', place, [problem]);
  const missing = before.problems.filter((problem) => /^alias .* is not here$/.test(problem)).length;
  const good = Math.max(0, aliases.length - problems.filter(ofAlias).length);
  tally.add('aliases', 'moved', Math.min(missing, good));
  tally.add('aliases', 'already', Math.max(0, good - missing));
  const rest = problems.filter((problem) => !ofAlias(problem));
  if (rest.length > 0 || checked.outcome !== 'found')
    tally.differ('models', place, rest.length > 0 ? rest : ['it is not here']);
  else tally.add('models', move.made.has(model.name) ? 'moved' : 'already');
  for (const version of model.versions) {
    const verdicts = [...sent.versions, ...checked.versions].filter((one) => one.version === version.version);
    const own = [...new Set(verdicts.flatMap((verdict) => verdict.problems))];
    const isHere = verdicts.at(-1)?.outcome === 'found';
    if (own.length > 0 || !isHere)
      tally.differ('versions', `${model.name}/${version.version}`, own.length > 0 ? own : ['it is not here']);
    else tally.add('versions', move.made.has(`${model.name}/${version.version}`) ? 'moved' : 'already');
  }
}
