import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@fairlead/sdk';
import { afterAll, describe, expect, it } from 'vitest';
import { startLiveServer, temporaryFolder } from '../harness/live-server.js';
import { type Project, readExample } from '../harness/port-weather.js';

const HOURLY = fileURLToPath(new URL('../../../shared/data/turku-weather.csv', import.meta.url));
const present = existsSync(HOURLY);
if (!present) console.log('skipped: no hourly weather of Turku beside the repository (shared/data/turku-weather.csv)');

const { folder, dispose } = temporaryFolder('turku');
afterAll(dispose);

/** The example, but for its source, the name of the place, the times of its parameters, and the horizon. */
function turkuProject(): Project {
  const project = readExample();
  const { weather } = project.datasets;
  const { location, date } = weather.source.columns;
  weather.source = {
    path: 'turku-weather.csv',
    format: 'csv',
    columns: {
      location: { ...location, from: 'Location' },
      date: { ...date, from: 'Timestamp' },
      temperature: { type: 'number', required: true, from: 'Temperature_C', min: -60, max: 60, unit: '°C' },
      humidity: { type: 'number', required: true, from: 'Humidity', min: 0, max: 1 },
      wind: { type: 'number', required: true, from: 'Wind_speed_kmph', min: 0, max: 300, unit: 'km/h' },
      bearing: { type: 'number', required: true, from: 'Wind_bearing_degrees', min: 0, max: 360, unit: '°' },
      visibility: { type: 'number', required: true, from: 'Visibility_km', min: 0, max: 100, unit: 'km' },
      pressure: { type: 'number', from: 'Pressure_millibars', min: 0, max: 1100, unit: 'mbar' },
      condition: { type: 'integer', required: true, from: 'Current_weather_condition', values: [0, 1] },
    },
    derive: { raining: 'condition = 1' },
  };
  weather.checks = weather.checks.filter(({ name }: { name: string }) => name !== 'max-not-below-min');
  weather.label.horizon = '4h';
  for (const pipeline of Object.values(project.pipelines) as Project[]) {
    pipeline.params = { rows: "Timestamp < '2018-01-01'", testFrom: '2016-01-01' };
  }
  return project;
}

describe.runIf(present)('the example on hourly weather of another port', () => {
  it('runs by changing the source and the horizon, and says what skill it has', async () => {
    copyFileSync(HOURLY, join(folder, 'turku-weather.csv'));
    const server = await startLiveServer({ folder });
    try {
      const client = createClient({ url: server.url });
      await client.projects.apply({ folder, project: turkuProject() as never });
      const { id } = await client.pipelines.run('rain', {});
      const run = await client.pipelineRuns.wait(id, { timeoutMs: 240_000 });
      expect(run.steps.map(({ name, error }) => ({ name, error })).filter(({ error }) => error !== null)).toEqual([]);
      expect(run.state).toBe('succeeded');
      const digest = run.steps.find((step) => step.name === 'evaluate')?.outputs.report?.digest ?? '';
      const report = await client.evaluations.report(digest);
      const persistence = report.baselines.find(({ baseline }) => baseline.startsWith('persistence'));
      if (persistence === undefined) throw new Error('the example compares with persistence');
      const { brierSkill } = persistence;
      const best = run.steps.find((step) => step.name === 'train')?.summary as { best: string; params: object };
      const train = run.steps.find((step) => step.name === 'split')?.summary as { rows: Record<string, number> };
      const release = await client.releases.get(
        run.steps.find(({ name }) => name === 'release')?.outputs.release?.id ?? '',
      );
      const refusedBy = release.gates
        .filter(({ verdict }) => verdict !== 'pass')
        .map(({ kind, observed }) => `${kind}: ${observed}`);
      const gate = release.gates.find(({ kind }) => kind === 'beats-baseline');
      console.log(
        `Turku, rain in four hours, ${JSON.stringify(train.rows)} rows, ${best.best} ${JSON.stringify(best.params)}: ` +
          `accuracy ${report.scores.accuracy?.toFixed(4)} against ${persistence.scores.accuracy?.toFixed(4)} of persistence; ` +
          `Brier ${report.scores.brier?.toFixed(4)} against ${persistence.scores.brier?.toFixed(4)}; ` +
          `skill ${brierSkill.estimate?.toFixed(4)} (${brierSkill.lower?.toFixed(4)} to ${brierSkill.upper?.toFixed(4)}); ` +
          `skill gate: ${gate?.verdict}; release: ${release.state}${refusedBy.length > 0 ? ` (${refusedBy.join('; ')})` : ''}`,
      );
      expect(report.rows).toBeGreaterThan(1000);
      expect(report.scores.accuracy).toBeGreaterThan(0.9);
      // Whatever the skill is, the gate must say the same as the interval.
      expect(gate?.verdict).toBe((brierSkill.lower ?? Number.NEGATIVE_INFINITY) > 0 ? 'pass' : 'fail');
    } finally {
      await server.stop();
    }
  });
});
