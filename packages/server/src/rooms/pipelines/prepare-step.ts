import type { Room } from './pipelines-deps.js';
import { pipelinesErrors } from './pipelines-errors.js';
import { parseReference } from './pipelines-rules.js';
import type { CacheMode, RunRecord, StepRecord } from './pipelines-store.js';
import type { ArtifactRef, Json, StepSpec } from './pipelines-types.js';
import { resolveTemplates, resolveToText } from './template-rules.js';

/** A step with everything decided: references replaced, inputs found. */
export interface PreparedStep {
  readonly name: string;
  readonly pipeline: string;
  readonly run: RunRecord;
  readonly spec: StepSpec;
  readonly params: Readonly<Record<string, Json>>;
  readonly inputs: Readonly<Record<string, ArtifactRef>>;
  /** Resolved command; empty for other kinds. */
  readonly argv: readonly string[];
  /** Resolved declared variables; empty for other kinds. */
  readonly env: Readonly<Record<string, string>>;
  readonly seed: number;
  readonly projectFolder: string;
  readonly cacheMode: CacheMode;
}

/** Throws PIP_INPUT_MISSING. */
export async function prepareStep(room: Room, run: RunRecord, name: string): Promise<PreparedStep> {
  const all = await room.store.spec(room.db, run.specDigest);
  const spec = all.steps[name] as StepSpec;
  const scope = { params: run.params, trigger: run.trigger };
  const command = 'run' in spec ? spec : undefined;
  const env = Object.entries(command?.env ?? {}).map(([key, value]) => [key, resolveToText(value, scope)] as const);
  return {
    name,
    pipeline: run.pipeline,
    run,
    spec,
    params: resolveTemplates(spec.with ?? {}, scope) as Readonly<Record<string, Json>>,
    inputs: findInputs(spec, await room.store.steps(room.db, [run.id])),
    argv: (command?.run ?? []).map((text) => resolveToText(text, scope)),
    env: Object.fromEntries(env),
    seed: spec.seed ?? 0,
    projectFolder: run.projectFolder,
    cacheMode: run.cacheMode,
  };
}

function findInputs(spec: StepSpec, steps: readonly StepRecord[]): Record<string, ArtifactRef> {
  const entries = Object.entries(spec.inputs ?? {}).map(([input, text]) => {
    const reference = parseReference(text);
    const outputs = steps.find(({ name }) => name === reference?.step)?.outputs ?? {};
    const ref = outputs[reference?.output ?? ''];
    if (ref !== undefined) return [input, ref] as const;
    const known = Object.keys(outputs).join(', ') || 'none';
    throw pipelinesErrors.PIP_INPUT_MISSING(`Input "${input}" wants ${text}, but ${reference?.step} gave ${known}.`, {
      data: { input, wanted: text, outputs: Object.keys(outputs) },
    });
  });
  return Object.fromEntries(entries);
}
