import type { RunBatch, RunSearch } from '../../rooms/tracking/index.js';
import { type Call, type CallRequest, defineCall } from './define-call.js';
import { presentNewRun, presentRun, presentRunInfo, RUN_STATUS } from './present-run.js';
import type { Fields } from './read-fields.js';
import {
  readBatch,
  readMeasured,
  readMetric,
  readModelMetric,
  readNewRun,
  readRunId,
  readTagsOfRun,
} from './read-run.js';
import { readSearch } from './read-search.js';
import { type ReservedRunTag, reservedRunTag } from './reserved-tags.js';
import { runVocabulary } from './search/vocabularies.js';
import { presentToken, unlessDeleted, writeList } from './wire.js';

const MAX_RUNS = 50_000;

/** Calls that write and read runs. */
export const runCalls: readonly Call[] = [
  defineCall({
    methods: ['POST'],
    path: 'runs/create',
    may: 'run:write',
    parse: readNewRun,
    run: ({ rooms, context, request }) => rooms.tracking.startRun(context, request),
    present: (run) => ({ run: presentNewRun(run) }),
    makes: { kind: 'run', find: async ({ tracking }, id) => unlessDeleted(await tracking.run(id)) },
  }),
  defineCall({
    methods: ['POST'],
    path: 'runs/update',
    may: 'run:write',
    parse: (fields) => {
      const status = fields.choice('status', RUN_STATUS);
      const endedAtMs = fields.whole('end_time', { min: 0 });
      const name = fields.text('run_name');
      return {
        runId: readRunId(fields),
        change: { ...(status && { status }), ...(endedAtMs !== undefined && { endedAtMs }), ...(name && { name }) },
      };
    },
    run: ({ rooms, context, request: { runId, change } }) => rooms.tracking.updateRun(context, runId, change),
    present: (run) => ({ run_info: presentRunInfo(run) }),
  }),
  defineCall({
    methods: ['GET'],
    path: 'runs/get',
    may: 'run:read',
    parse: readRunId,
    run: async ({ rooms: { tracking }, request: runId }) => {
      const run = await tracking.run(runId);
      return { run, links: (await tracking.inputs.linksOf([runId])).get(runId) };
    },
    present: ({ run, links }) => ({ run: presentRun(run, links) }),
  }),
  defineCall({
    methods: ['POST'],
    path: 'runs/delete',
    may: 'run:write',
    parse: readRunId,
    run: ({ rooms, context, request }) => rooms.tracking.deleteRun(context, request),
  }),
  defineCall({
    methods: ['POST'],
    path: 'runs/restore',
    may: 'run:write',
    parse: readRunId,
    run: ({ rooms, context, request }) => rooms.tracking.restoreRun(context, request),
  }),
  defineCall({
    methods: ['POST'],
    path: 'runs/search',
    may: 'run:read',
    parse: readRunSearch,
    run: ({ rooms, request }) =>
      rooms.tracking.searchRunsAs(request, (run) => JSON.stringify(presentRun(run, run.links))),
    write: ({ items, nextPageToken }) => writeList('runs', items, { next_page_token: presentToken(nextPageToken) }),
  }),
  defineCall({
    methods: ['POST'],
    path: 'runs/log-batch',
    may: 'run:write',
    parse: (fields) => {
      const runId = readRunId(fields);
      return { runId, ...readBatch(fields) };
    },
    run: logBatch,
  }),
  defineCall({
    methods: ['POST'],
    path: 'runs/log-metric',
    may: 'run:write',
    parse: (fields) => {
      const runId = readRunId(fields);
      const point = readMetric(fields);
      if (!fields.text('model_id')) return { runId, metrics: [readMeasured(point, fields)] };
      return { runId, metrics: [point], modelMetrics: [readModelMetric(point, fields)] };
    },
    run: logBatch,
  }),
  defineCall({
    methods: ['POST'],
    path: 'runs/log-parameter',
    may: 'run:write',
    parse: (fields) => ({
      runId: readRunId(fields),
      params: { [fields.neededText('key')]: fields.text('value') ?? '' },
    }),
    run: ({ rooms, context, request: { runId, params } }) => rooms.tracking.logBatch(context, runId, { params }),
  }),
  defineCall({
    methods: ['POST'],
    path: 'runs/set-tag',
    may: 'run:write',
    parse: (fields) => {
      const tag = { [fields.neededText('key')]: fields.text('value') ?? '' };
      return { runId: readRunId(fields), ...readTagsOfRun(tag) };
    },
    run: logBatch,
  }),
  defineCall({
    methods: ['POST'],
    path: 'runs/delete-tag',
    may: 'run:write',
    parse: (fields) => {
      const key = fields.neededText('key');
      const field = reservedRunTag(key);
      if (field === 'name') throw fields.refuse('key', key, 'another key: every run has a name');
      return { runId: readRunId(fields), key, field };
    },
    run: deleteTag,
  }),
];

function readRunSearch(fields: Fields): RunSearch {
  const search = readSearch(fields, {
    vocabulary: runVocabulary,
    view: 'run_view_type',
    limit: { standard: 1000, max: MAX_RUNS },
  });
  const orderBy = search.orderBy ?? [];
  // What the asked order leaves equal comes newest first, as does everything without one.
  const newest = orderBy.some(({ field }) => field === 'startedAt')
    ? []
    : [{ field: 'startedAt', direction: 'desc' } as const];
  return { ...search, orderBy: [...orderBy, ...newest], experimentIds: fields.texts('experiment_ids'), links: true };
}

/** All of it or nothing: metrics, parameters and tags, among them those that are fields of the run, and metrics of models. */
function logBatch({ rooms, context, request }: CallRequest<RunBatch & { readonly runId: string }>): Promise<void> {
  const { runId, ...batch } = request;
  return rooms.tracking.logBatch(context, runId, batch);
}

/** The note and the parent are fields: empty is removed. */
async function deleteTag(
  call: CallRequest<{ readonly runId: string; readonly key: string; readonly field: ReservedRunTag | undefined }>,
): Promise<void> {
  const { rooms, context, request } = call;
  const { runId, key, field } = request;
  const run = field === undefined ? undefined : await rooms.tracking.run(runId);
  if (field === 'note' && run?.note !== '') await rooms.tracking.updateRun(context, runId, { note: '' });
  else if (field === 'parent' && run?.parentRunId != null) {
    await rooms.tracking.updateRun(context, runId, { parentRunId: null });
  } else await rooms.tracking.removeTag(context, runId, key);
}
