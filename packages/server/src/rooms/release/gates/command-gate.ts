import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Verdict } from '@fairlead/kernel';
import { withScratchFolder } from '../../../platform/scratch/index.js';
import { type ProcessResult, runProcess } from '../../pipelines/index.js';
import { defineGate, insufficient } from './define-gate.js';
import type { GateRoom } from './gate-room.js';
import type { GateSpecOf } from './gate-types.js';
import { predictUrl, untilAnswering } from './test-address.js';

type Ended =
  | { readonly kind: 'unknown'; readonly known: readonly string[] }
  | { readonly kind: 'timed-out'; readonly timeoutMs: number; readonly output: string }
  | { readonly kind: 'not-started'; readonly why: string }
  | { readonly kind: 'ended'; readonly exitCode: number | null; readonly output: string };

const TIMEOUT_MS = 300_000;
const STOP_GRACE_MS = 2_000;
// Nothing else of the server's own environment reaches a command: it may hold credentials.
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'VIRTUAL_ENV', 'SYSTEMROOT'];
const VERDICTS: readonly Verdict[] = ['pass', 'fail', 'insufficient'];

/**
 * A command that the operator has declared. It reads the facts as JSON from standard input, may ask the deployment in test, and
 * says by its exit code what it found: 0 pass, 1 fail, 2 insufficient. Anything else is a failure: a check that breaks down
 * has not passed.
 */
export const commandGate = defineGate<GateSpecOf<'command'>, Ended>({
  kind: 'command',
  version: 1,
  measure: run,
  judge: ({ name }, ended) => {
    const title = `Command ${name}`;
    const required = 'exit code 0';
    switch (ended.kind) {
      case 'unknown':
        return insufficient(
          title,
          required,
          `the server has no gate command ${name}; it has ${ended.known.join(', ') || 'none'} (gateCommands)`,
        );
      case 'not-started':
        return { title, verdict: 'fail', observed: `it could not be started: ${ended.why}`, required, evidence: {} };
      case 'timed-out': {
        const observed = `no end within ${ended.timeoutMs} ms`;
        return { title, verdict: 'fail', observed, required, evidence: { output: ended.output } };
      }
      case 'ended': {
        const { exitCode, output } = ended;
        const last = output.split('\n').at(-1)?.slice(0, 200) ?? '';
        const how = exitCode === null ? 'ended by a signal' : `exit code ${exitCode}`;
        return {
          title,
          verdict: VERDICTS[exitCode ?? -1] ?? 'fail',
          observed: last === '' ? how : `${how}: ${last}`,
          required,
          evidence: { exitCode, output },
        };
      }
    }
  },
});

async function run(room: GateRoom, { name, timeoutMs = TIMEOUT_MS }: GateSpecOf<'command'>): Promise<Ended> {
  const { deps, signal } = room;
  const argv = Object.hasOwn(deps.gateCommands, name) ? deps.gateCommands[name] : undefined;
  if (argv === undefined) return { kind: 'unknown', known: Object.keys(deps.gateCommands) };
  await untilAnswering(deps.address(), signal);
  const late = AbortSignal.timeout(timeoutMs);
  const lent = deps.lendToken();
  const result = await withScratchFolder('fairlead-gate-', (folder) =>
    runProcess({
      argv,
      cwd: folder,
      env: { ...environmentOf(room), FAIRLEAD_TOKEN: lent.token },
      input: JSON.stringify(factsOf(room)),
      logPath: join(folder, 'output.txt'),
      signal: AbortSignal.any([signal, late]),
      stopGraceMs: STOP_GRACE_MS,
    }),
  ).finally(() => lent.takeBack());
  signal.throwIfAborted();
  return endOf(result, { late, timeoutMs });
}

function endOf(result: ProcessResult, { late, timeoutMs }: { late: AbortSignal; timeoutMs: number }): Ended {
  const output = result.tail;
  if (late.aborted) return { kind: 'timed-out', timeoutMs, output };
  if ('notStarted' in result) return { kind: 'not-started', why: result.notStarted };
  return { kind: 'ended', exitCode: 'supervisorLost' in result ? null : result.exitCode, output };
}

function environmentOf({ deps, deployment, environment }: GateRoom): Record<string, string> {
  const passedOn = PASSED_ON.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(passedOn),
    // By this the processes that it leaves behind are found.
    FAIRLEAD_RUN_ID: randomUUID(),
    FAIRLEAD_URL: deps.address(),
    FAIRLEAD_GATE_PREDICT_URL: predictUrl(deps.address(), deployment),
    FAIRLEAD_GATE_ENDPOINT: deployment.endpoint,
    FAIRLEAD_GATE_ENVIRONMENT: environment,
    FAIRLEAD_GATE_MODEL: deployment.model,
    FAIRLEAD_GATE_VERSION: String(deployment.version),
    FAIRLEAD_GATE_DIGEST: deployment.digest,
  };
}

/** What stands on standard input. */
function factsOf({ deps, deployment, environment, version, report }: GateRoom) {
  const { endpoint, model, digest, configurationDigest } = deployment;
  return {
    ...{ endpoint, environment, model, version: version.version, digest, configurationDigest },
    testEnvironment: deployment.environment,
    predictUrl: predictUrl(deps.address(), deployment),
    signature: version.signature,
    source: version.source,
    report,
  };
}
