import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixedClock, systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db, RoomMigrations } from '../../platform/db/index.js';
import type { TestDb } from '../../platform/db/testing.js';
import { createLocalObjectStore } from '../../platform/objects/index.js';
import { dataMigrations } from '../data/index.js';
import { createTracking } from './create-tracking.js';
import { trackingMigrations } from './tracking-migrations.js';
import type { LineageEdge, LineageNode, LineageOptions, RunEnvironment, TrackingService } from './tracking-types.js';

const me = { actor: { ...systemActor, id: 'ada' } };
const COMMIT = 'c0ffee'.padEnd(40, '0');
const [DIFF, LOCK] = ['d'.repeat(64), 'e'.repeat(64)];
const environment: RunEnvironment = {
  git: { commit: COMMIT, branch: 'main', dirty: true, diffDigest: DIFF },
  runtime: { node: 'v20.19.0', os: 'linux 6.1 x64', cpu: '100% "fast" CPU', cores: 4 },
  lockfile: { name: 'uv.lock', digest: LOCK },
  fairleadVersion: '0.1.0',
  seeds: {},
  command: null,
};
const show = ({ kind, id }: LineageNode) => `${kind}:${id}`;
const showEdge = ({ from, to, relation }: LineageEdge) => `${show(from)} ${relation} ${show(to)}`;

/** The graph on every engine: what is recorded, what follows from rows of runs, and where a walk ends. */
export function describeLineage(engine: string, open: (rooms: readonly RoomMigrations[]) => Promise<TestDb>): void {
  describe(`lineage on ${engine}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-lineage-'));
    let test: TestDb;
    let db: Db;
    let tracking: TrackingService;
    beforeAll(async () => {
      test = await open([dataMigrations, trackingMigrations]);
      db = test.db;
      const clock = fixedClock(1_700_000_000_000);
      tracking = createTracking({ db, objects: createLocalObjectStore(folder), clock, version: '0.0.0' });
    });
    afterAll(async () => {
      await test.dispose();
      rmSync(folder, { recursive: true, force: true });
    });
    const link = (...edges: (readonly [string, string, string])[]) =>
      db.transact(me, (tx) =>
        tracking.link(
          tx,
          edges.map(([from, relation, to]) => ({ from: node(from), to: node(to), relation })),
        ),
      );
    const node = (text: string): LineageNode => {
      const at = text.indexOf(':');
      return { kind: text.slice(0, at), id: text.slice(at + 1) };
    };
    const walk = async (root: string, options: Partial<LineageOptions> = {}) => {
      const graph = await tracking.lineage(node(root), { direction: 'both', maxNodes: 500, ...options });
      return {
        nodes: graph.nodes.map(show).sort(),
        edges: graph.edges.map(showEdge).sort(),
        cutOff: graph.cutOff,
        truncated: graph.truncated,
      };
    };

    it('shows code, changes, lock file and machine as sources of a run, and finds the runs of each', async () => {
      const run = await tracking.startRun(me, { experiment: 'e', environment });
      await tracking.startRun(me, { experiment: 'e', environment: { ...environment, git: null, lockfile: null } });
      const up = await walk(`run:${run.id}`, { direction: 'up' });
      const machine = 'node v20.19.0, linux 6.1 x64, 4 × 100% "fast" CPU, fairlead 0.1.0';
      expect(up.edges).toEqual([
        `code-change:${DIFF} ran-change run:${run.id}`,
        `code:${COMMIT} ran-changed-code run:${run.id}`,
        `environment:${machine} ran-on run:${run.id}`,
        `lock-file:${LOCK} installed-from run:${run.id}`,
      ]);
      for (const root of [`code:${COMMIT}`, `code-change:${DIFF}`, `lock-file:${LOCK}`]) {
        expect((await walk(root, { direction: 'down' })).nodes, root).toEqual([root, `run:${run.id}`].sort());
      }
      expect((await walk(`environment:${machine}`, { direction: 'down' })).nodes).toHaveLength(3);
      expect((await walk('code:%', { direction: 'down' })).nodes).toEqual(['code:%']);
    });

    it('takes commit and container of a run from the tags of its client', async () => {
      const tags = { 'mlflow.source.git.commit': 'f'.repeat(40), 'mlflow.docker.image.uri': 'registry/app:7' };
      const run = await tracking.startRun(me, { experiment: 'e', tags });
      const up = await walk(`run:${run.id}`, { direction: 'up' });
      expect(up.edges).toEqual([
        `code:${'f'.repeat(40)} ran-code run:${run.id}`,
        `environment:container registry/app:7 ran-in run:${run.id}`,
      ]);
      const down = await walk('environment:container registry/app:7', { direction: 'down' });
      expect(down.nodes).toEqual(['environment:container registry/app:7', `run:${run.id}`]);
    });

    it('leads from a file to the run or logged model that wrote it', async () => {
      const [run, model] = ['a'.repeat(32), `m-${'b'.repeat(32)}`];
      await link([`artifact:0/${run}/artifacts/model`, 'registered-from', 'model-version:files/1']);
      expect((await walk('model-version:files/1', { direction: 'up' })).nodes).toContain(`run:${run}`);
      expect((await walk(`artifact:0/models/${model}/artifacts/x`)).nodes).toContain(`logged-model:${model}`);
      expect((await walk('artifact:somewhere/else')).nodes).toEqual(['artifact:somewhere/else']);
    });

    it('says what it left out because of the number of nodes or of steps', async () => {
      await link(['t:1', 'then', 't:2'], ['t:2', 'then', 't:3'], ['t:3', 'then', 't:4'], ['t:1', 'then', 't:5']);
      expect(await walk('t:1', { maxDepth: 2 })).toMatchObject({
        nodes: ['t:1', 't:2', 't:3', 't:5'],
        cutOff: ['max-depth'],
        truncated: true,
      });
      expect(await walk('t:1', { maxDepth: 3 })).toMatchObject({ cutOff: [], truncated: false });
      expect(await walk('t:1', { maxNodes: 3 })).toMatchObject({ cutOff: ['max-nodes'], truncated: true });
      const { nodes } = await tracking.lineage(node('t:1'), { direction: 'down', maxNodes: 9 });
      expect(nodes.map(({ id, distance }) => `${id}@${distance}`)).toEqual(['1@0', '2@1', '5@1', '3@2', '4@3']);
    });

    it('shows only the kinds that were asked for and joins them across what it leaves out', async () => {
      await link(
        ['dataset-version:v', 'split-of', 'split:s'],
        ['split:s', 'used-by', 'run:r'],
        ['split:s', 'trained-on', 'model-version:m/1'],
        ['run:r', 'produced-by', 'model-version:m/1'],
        ['model-version:m/1', 'deployed-as', 'deployment:d'],
      );
      const found = await walk('dataset-version:v', { direction: 'down', kinds: ['model-version', 'deployment'] });
      expect(found.nodes).toEqual(['dataset-version:v', 'deployment:d', 'model-version:m/1']);
      expect(found.edges).toEqual([
        'dataset-version:v derived-from model-version:m/1',
        'model-version:m/1 deployed-as deployment:d',
      ]);
    });

    it('moves a node with all its edges, once, when the thing gets another name', async () => {
      await link(
        ['run:q', 'produced-by', 'model-version:old/1'],
        ['model-version:old/1', 'deployed-as', 'deployment:q'],
      );
      await link(['run:q', 'produced-by', 'model-version:new/1']);
      const move = { from: node('model-version:old/1'), to: node('model-version:new/1') };
      await db.transact(me, (tx) => tracking.moveNodes(tx, [move]));
      await db.transact(me, (tx) => tracking.moveNodes(tx, [move]));
      expect((await walk('model-version:old/1')).edges).toEqual([]);
      expect((await walk('run:q')).nodes).toEqual(['deployment:q', 'model-version:new/1', 'run:q']);
    });
  });
}
