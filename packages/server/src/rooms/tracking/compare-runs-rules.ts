import type { Run, RunDifference } from './run-types.js';

type Value = RunDifference['values'][number];

/** What is not the same in all of the runs, by kind and key; what is equal everywhere is left out. */
export function compareRuns(runs: readonly Run[]): readonly RunDifference[] {
  return [
    ...differences('attribute', runs.map(attributesOf)),
    ...differences(
      'param',
      runs.map(({ params }) => params),
    ),
    ...differences(
      'metric',
      runs.map(({ metrics }) => metrics),
    ),
    ...differences(
      'tag',
      runs.map(({ tags }) => tags),
    ),
  ];
}

function attributesOf(run: Run): Record<string, Value> {
  const { environment: env } = run;
  return {
    name: run.name,
    status: run.status,
    experimentId: run.experimentId,
    userName: run.userName,
    createdBy: run.createdBy,
    group: run.group,
    parentRunId: run.parentRunId,
    startedAtMs: run.startedAtMs,
    durationMs: run.endedAtMs === null ? null : run.endedAtMs - run.startedAtMs,
    commit: env?.git?.commit ?? null,
    lockfile: env?.lockfile?.digest ?? null,
  };
}

function differences(
  field: RunDifference['field'],
  values: readonly Readonly<Record<string, Value>>[],
): RunDifference[] {
  const keys = [...new Set(values.flatMap((record) => Object.keys(record)))].sort();
  return keys.flatMap((key) => {
    const row = values.map((record) => (Object.hasOwn(record, key) ? (record[key] ?? null) : null));
    return row.every((value) => Object.is(value, row[0])) ? [] : [{ field, key, values: row }];
  });
}
