import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { mlflowEnvironment } from '../../bench/harness/mlflow-environment.mjs';
import { plainEnvironment } from '../harness/live-server.js';

const here = fileURLToPath(new URL('./python/', import.meta.url));

/** What one step of the Python client reported. */
export interface StepResult {
  readonly number: number;
  readonly name: string;
  readonly ok: boolean;
  readonly ms?: number;
  readonly error?: string;
  readonly where?: string;
  /** Why the step was not done; absent when it was. */
  readonly left_out?: string;
}

/** A step as it stands in the sources: what there is to be reported. */
export interface WrittenStep {
  readonly name: string;
  readonly since: number;
  readonly only: string | undefined;
}

/** The steps of every module that main.py names, in its order. Read from the sources, so that none can go missing unseen. */
export function writtenSteps(): WrittenStep[] {
  const modules = [...readFileSync(`${here}main.py`, 'utf8').matchAll(/^ {4}"(steps_\w+)",$/gm)].map(
    ([, name]) => name,
  );
  if (modules.length === 0) throw new Error('main.py names no modules of steps');
  return modules.flatMap((name) =>
    [...readFileSync(`${here}${name}.py`, 'utf8').matchAll(/^@step\("(.+?)"(.*)\)$/gm)].map(
      ([, step = '', more = '']) => ({
        name: step,
        since: Number(/since=(\d)/.exec(more)?.[1] ?? 2),
        only: /only="(\w+)"/.exec(more)?.[1],
      }),
    ),
  );
}

/** Does every step with the client of the named environment; what it printed besides is thrown when it ends too early. */
export async function runSteps(environment: 'mlflow-3' | 'mlflow-2', url: string): Promise<Map<string, StepResult>> {
  return runScript(environment, ['main.py', url, 'fairlead']);
}

/** The same of a script that reports its own steps. */
export async function runScript(
  environment: Parameters<typeof mlflowEnvironment>[0],
  [script, ...args]: readonly [string, ...string[]],
): Promise<Map<string, StepResult>> {
  const { python } = await mlflowEnvironment(environment);
  const child = spawn(python, [`${here}${script}`, ...args], {
    env: { ...plainEnvironment(), PYTHONUNBUFFERED: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (chunk) => (log = (log + chunk).slice(-20_000)));
  const results = new Map<string, StepResult>();
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    const result = JSON.parse(line) as StepResult;
    results.set(result.name, result);
  }
  const code = await ended;
  const failed = [...results.values()].some(({ ok }) => !ok);
  if (code !== (failed ? 1 : 0)) throw new Error(`the client ended with ${code}: ${log.slice(-3000)}`);
  return results;
}
