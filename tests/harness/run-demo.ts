import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { plainEnvironment } from './live-server.js';

const demo = fileURLToPath(new URL('../../examples/port-weather/demo.mjs', import.meta.url));

/** The facts of the steps that tests look at; each step has some of them. */
export interface DemoFacts {
  readonly rows?: number;
  readonly rejected?: number;
  readonly outcome?: string;
  readonly faulty?: number;
  readonly reasons?: Readonly<Record<string, number>>;
  readonly state?: string;
  readonly interval?: { readonly lower: number };
  readonly gates?: readonly { readonly kind: string; readonly verdict: string }[];
  readonly code?: string;
  readonly version?: number;
  readonly requests?: number;
  readonly scored?: number;
  readonly accuracy?: number;
  readonly drifted?: number;
  readonly evidence?: string;
  readonly trigger?: { readonly kind: string };
  readonly old?: number;
  readonly now?: number;
  readonly verdict?: string;
  readonly digest?: string;
}

export interface DemoSummary {
  readonly ok: boolean;
  readonly totalMs: number;
  readonly steps: readonly {
    readonly step: string;
    readonly ok: boolean;
    readonly ms: number;
    readonly say: string;
    readonly facts: DemoFacts;
  }[];
}

/** Runs the demonstration to its end as `npm run demo -- --once --json FILE` does. Throws with what it printed when it fails. */
export async function runDemo(folder: string, flags: readonly string[] = []): Promise<DemoSummary> {
  const file = join(folder, 'demo.json');
  const args = [demo, '--once', '--json', file, '--home', join(folder, 'demo-home'), '--port', '0', ...flags];
  const child = spawn(process.execPath, args, { cwd: folder, env: plainEnvironment() });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const code = await new Promise<number | null>((done) => child.once('exit', done));
  if (code !== 0) throw new Error(`the demonstration ended with ${code}: ${output.slice(-6000)}`);
  return JSON.parse(readFileSync(file, 'utf8')) as DemoSummary;
}
