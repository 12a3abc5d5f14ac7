// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the references of a project file
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RoomMigrations, readLedger } from '../../platform/db/index.js';
import type { TestDb } from '../../platform/db/testing.js';
import { latch } from '../../platform/jobs/testing.js';
import { pipelinesErrors } from './pipelines-errors.js';
import { type Bench, me, openBench, type Replica, runOnce, statesOf, stepOf } from './pipelines-testing.js';
import type { StepHandler } from './pipelines-types.js';

/** What the room does on every engine; run on SQLite by `npm test` and on PostgreSQL by the integration suite. */
export function describePipelines(engine: string, open: (rooms: readonly RoomMigrations[]) => Promise<TestDb>): void {
  describe(`pipelines on ${engine}`, () => {
    let bench: Bench;
    let replica: Replica;
    const calls: string[] = [];
    let behaviour: Record<string, (context: Parameters<StepHandler['run']>[0]) => Promise<unknown>> = {};

    /** Gives its parameters back; what else it does, the test says by the name of the step. */
    const echo: StepHandler = {
      uses: 'echo',
      version: '1',
      title: 'Echo',
      cacheable: true,
      check: (params) => (params.bad === true ? ['bad must not be true'] : []),
      run: async (step) => {
        calls.push(step.step);
        await behaviour[step.step]?.(step);
        const digest = String(step.params.value ?? step.step).padEnd(64, '0');
        return {
          outputs: { out: { kind: 'thing', id: `${step.pipelineRunId}/${step.step}`, digest } },
          summary: step.params,
        };
      },
    };

    beforeEach(async () => {
      calls.length = 0;
      behaviour = {};
      bench = await openBench([echo], open);
      replica = bench.replica('one');
      await replica.queue.start();
    });
    afterEach(() => bench.dispose());

    const line = {
      params: { depth: 4 },
      steps: {
        first: { uses: 'echo', with: { depth: '${params.depth}', text: 'd=${params.depth}' } },
        second: { uses: 'echo', inputs: { from: 'first.out' } },
      },
    };

    describe('a pipeline', () => {
      it('is refused with every problem in words', async () => {
        const spec = {
          steps: {
            a: { uses: 'nothing', needs: ['b'] },
            b: { uses: 'echo', with: { bad: true, x: '${params.missing}' }, needs: ['a'] },
            c: { uses: 'echo', with: { bad: true } },
          },
        };
        const declared = replica.pipelines.declare(me, 'p', { spec, projectFolder: bench.project });
        await expect(declared).rejects.toMatchObject({
          code: 'PIP_SPEC_INVALID',
          data: {
            problems: [
              "steps.a: there is no built-in step 'nothing'; there are echo",
              'steps.b: ${params.missing} is not declared',
              'steps.c: bad must not be true',
              'these steps wait for each other: a, b',
            ],
          },
        });
      });

      it('changes only when its spec does', async () => {
        const declare = (spec: typeof line) =>
          replica.pipelines.declare(me, 'p', { spec, projectFolder: bench.project });
        expect((await declare(line)).changed).toBe(true);
        expect((await declare(structuredClone(line))).changed).toBe(false);
        expect((await declare({ ...line, params: { depth: 5 } })).changed).toBe(true);
      });
    });

    describe('a run', () => {
      it('runs its steps in order with resolved parameters, and tracks each of them', async () => {
        const run = await runOnce(replica, bench, { spec: line, params: { depth: 7 } });
        expect(run).toMatchObject({ state: 'succeeded', createdBy: 'ada', params: { depth: 7 } });
        expect(calls).toEqual(['first', 'second']);
        expect(stepOf(run, 'first').summary).toEqual({ depth: 7, text: 'd=7' });
        const tracked = await bench.tracking.run(stepOf(run, 'first').trackingRunId ?? '');
        expect(tracked).toMatchObject({ status: 'finished', parentRunId: run.id, params: { depth: '7', text: 'd=7' } });
        expect(tracked.environment?.seeds).toEqual({ step: 0 });
        await expect.poll(async () => (await bench.tracking.run(run.id)).status).toBe('finished');
      });

      it('links inputs and outputs of every step in the lineage graph', async () => {
        const run = await runOnce(replica, bench, { spec: line });
        const out = stepOf(run, 'second').outputs.out!;
        const graph = await bench.tracking.lineage({ kind: 'thing', id: out.id }, { direction: 'up', maxNodes: 10 });
        // What a run ran on is a node of its own; both runs share it.
        expect(graph.nodes.map(({ kind }) => kind)).toEqual(['thing', 'run', 'thing', 'environment', 'run']);
      });

      it('refuses parameters that the pipeline does not declare', async () => {
        await replica.pipelines.declare(me, 'p', { spec: line, projectFolder: bench.project });
        const started = replica.pipelines.start(me, { pipeline: 'p', params: { dpeth: 1 } });
        await expect(started).rejects.toMatchObject({ code: 'PIP_PARAM_INVALID' });
      });

      it('fails with the error of the step, skips what depends on it, and can be resumed from there', async () => {
        let broken = true;
        behaviour.second = async () => {
          if (broken) throw pipelinesErrors.PIP_CODE_MISSING('no such thing');
        };
        const spec = { ...line, steps: { ...line.steps, third: { uses: 'echo', needs: ['second'] } } };
        const failed = await runOnce(replica, bench, { spec });
        expect(failed.state).toBe('failed');
        expect(statesOf(failed)).toEqual({ first: 'succeeded', second: 'failed', third: 'skipped' });
        expect(stepOf(failed, 'second')).toMatchObject({
          error: { code: 'PIP_CODE_MISSING', message: 'no such thing' },
        });
        expect((await bench.tracking.run(stepOf(failed, 'second').trackingRunId ?? '')).status).toBe('failed');
        broken = false;
        await replica.pipelines.resume(me, failed.id);
        const resumed = await replica.pipelines.waitFor(failed.id, { timeoutMs: 20_000 });
        expect(statesOf(resumed)).toEqual({ first: 'succeeded', second: 'succeeded', third: 'succeeded' });
        expect(calls).toEqual(['first', 'second', 'second', 'third']);
        expect(stepOf(resumed, 'second')).toMatchObject({ attempt: 2, error: null });
        await expect(replica.pipelines.resume(me, failed.id)).rejects.toMatchObject({ code: 'PIP_RUN_STATE' });
      });

      it('tries faults of the system again, as often as the step allows, and mistakes of users never', async () => {
        behaviour.flaky = async () => {
          if (calls.length < 3) throw new Error('connection reset');
        };
        behaviour.wrong = async () => {
          throw pipelinesErrors.PIP_CODE_MISSING('a mistake');
        };
        const flaky = await runOnce(replica, bench, { spec: { steps: { flaky: { uses: 'echo', retries: 2 } } } });
        expect([flaky.state, calls.length, stepOf(flaky, 'flaky').attempt]).toEqual(['succeeded', 3, 3]);
        calls.length = 0;
        const wrong = await runOnce(replica, bench, {
          spec: { steps: { wrong: { uses: 'echo', retries: 2, cache: false } } },
        });
        expect([wrong.state, calls.length]).toEqual(['failed', 1]);
      });

      it('fails a step that takes longer than its time limit', async () => {
        behaviour.slow = ({ signal }) =>
          new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
        const run = await runOnce(replica, bench, { spec: { steps: { slow: { uses: 'echo', timeoutMs: 50 } } } });
        expect(stepOf(run, 'slow').error?.code).toBe('PIP_STEP_TIMED_OUT');
      });

      it('fails a step whose time is over before its handler is asked', async () => {
        behaviour.slow = ({ signal }) =>
          new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
        const run = await runOnce(replica, bench, { spec: { steps: { slow: { uses: 'echo', timeoutMs: 1 } } } });
        expect(stepOf(run, 'slow').error?.code).toBe('PIP_STEP_TIMED_OUT');
      });

      it('commits what a step asks for in the transaction that marks it succeeded', async () => {
        const seen: string[] = [];
        const committing: StepHandler = {
          ...echo,
          uses: 'committing',
          run: async () => ({ outputs: {}, commit: async (tx) => void tx.afterCommit(() => seen.push('committed')) }),
        };
        const other = bench.replica('two', { handlers: [echo, committing] });
        await replica.queue.stop({ graceMs: 0 });
        await other.queue.start();
        const run = await runOnce(other, bench, { spec: { steps: { c: { uses: 'committing' } } } });
        expect([run.state, seen]).toEqual(['succeeded', ['committed']]);
      });

      it('stops at once when it is cancelled, and what was running cannot commit any more', async () => {
        const started = latch();
        behaviour.first = ({ signal }) => {
          started.open();
          return new Promise((resolve) => signal.addEventListener('abort', resolve));
        };
        await replica.pipelines.declare(me, 'p', { spec: line, projectFolder: bench.project });
        const { id } = await replica.pipelines.start(me, { pipeline: 'p' });
        await started.opened;
        const cancelled = await replica.pipelines.cancel(me, id);
        expect([cancelled.state, statesOf(cancelled)]).toEqual([
          'cancelled',
          { first: 'cancelled', second: 'cancelled' },
        ]);
        await expect.poll(async () => (await bench.tracking.run(id)).status).toBe('killed');
        behaviour = {};
        await replica.pipelines.resume(me, id);
        expect((await replica.pipelines.waitFor(id, { timeoutMs: 20_000 })).state).toBe('succeeded');
        await expect(replica.pipelines.cancel(me, id)).rejects.toMatchObject({ code: 'PIP_RUN_STATE' });
      });
    });

    describe('runs of one pipeline', () => {
      const holdFirst = () => {
        const release = latch();
        behaviour.first = () => release.opened;
        return release;
      };

      it('wait in line and go one after the other', async () => {
        const release = holdFirst();
        await replica.pipelines.declare(me, 'p', { spec: line, projectFolder: bench.project });
        const runs = [];
        for (let i = 0; i < 3; i += 1) runs.push(await replica.pipelines.start(me, { pipeline: 'p', cache: 'off' }));
        expect(runs.map(({ state }) => state)).toEqual(['running', 'queued', 'queued']);
        await replica.pipelines.cancel(me, runs[1]!.id);
        release.open();
        const last = await replica.pipelines.waitFor(runs[2]!.id, { timeoutMs: 20_000 });
        expect(last.state).toBe('succeeded');
        expect(calls).toEqual(['first', 'second', 'first', 'second']);
      });

      it('are refused while another is active when the pipeline says skip', async () => {
        const release = holdFirst();
        await replica.pipelines.declare(me, 'p', {
          spec: { ...line, concurrency: 'skip' },
          projectFolder: bench.project,
        });
        const first = await replica.pipelines.start(me, { pipeline: 'p' });
        const second = replica.pipelines.start(me, { pipeline: 'p' });
        await expect(second).rejects.toMatchObject({ code: 'PIP_RUN_ACTIVE', data: { runId: first.id } });
        release.open();
        await replica.pipelines.waitFor(first.id, { timeoutMs: 20_000 });
      });
    });

    describe('a worker that is lost', () => {
      it('leaves a run that another one finishes, with every effect once', async () => {
        const begun = latch();
        let held = true;
        behaviour.second = async ({ signal }) => {
          if (!held) return;
          begun.open();
          await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
        };
        const spec = { ...line, steps: { ...line.steps, third: { uses: 'echo', inputs: { x: 'second.out' } } } };
        await replica.pipelines.declare(me, 'p', { spec, projectFolder: bench.project });
        const { id } = await replica.pipelines.start(me, { pipeline: 'p' });
        await begun.opened;
        await replica.queue.stop({ graceMs: 0 });
        expect(statesOf(await replica.pipelines.run(id))).toEqual({
          first: 'succeeded',
          second: 'running',
          third: 'waiting',
        });
        held = false;
        const other = bench.replica('two');
        await other.queue.start();
        const run = await other.pipelines.waitFor(id, { timeoutMs: 20_000 });
        expect(run.state).toBe('succeeded');
        expect(calls).toEqual(['first', 'second', 'second', 'third']);
        expect(run.steps.map(({ attempt }) => attempt)).toEqual([1, 2, 1]);
        const events = await readLedger(bench.db, { afterSeq: 0, limit: 1000 });
        const ended = events.filter(
          ({ type }) => type === 'pipelines.step-finished' || type === 'pipelines.run-finished',
        );
        expect(ended.map(({ payload }) => (payload as { step?: string }).step ?? 'run')).toEqual([
          'first',
          'second',
          'third',
          'run',
        ]);
        const { items: runs } = await bench.tracking.searchRuns({
          where: [{ field: 'parent', comparison: '=', value: id }],
          limit: 10,
        });
        expect(runs.map(({ name, status }) => `${name} ${status}`).sort()).toEqual([
          'first finished',
          'second finished',
          'second killed',
          'third finished',
        ]);
      });

      it('ends the step when the queue gives its job up', async () => {
        behaviour.first = ({ signal }) =>
          new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
        await replica.pipelines.declare(me, 'p', { spec: line, projectFolder: bench.project });
        const { id } = await replica.pipelines.start(me, { pipeline: 'p' });
        await expect.poll(() => calls).toEqual(['first']);
        const [job] = await replica.queue.list({ kind: 'pipelines.step' });
        await replica.queue.stop({ graceMs: 0 });
        const error = { code: 'JOB_WORKER_LOST', message: 'gone', fault: 'system', remedy: 'r' };
        await bench.db.transact(me, async (tx) => {
          const payload = { kind: 'pipelines.step', failures: 0, losses: 4, error };
          tx.record({ type: 'job.failed', subject: { kind: 'job', id: job!.id }, payload });
        });
        await replica.dispatcher.drain();
        const run = await replica.pipelines.run(id);
        expect([run.state, stepOf(run, 'first').error?.code]).toEqual(['failed', 'JOB_WORKER_LOST']);
      });
    });
  });
}
