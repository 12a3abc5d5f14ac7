import type { ParamValue } from '../trainers/param-types.js';
import { createDimension, type Dimension } from './dimension.js';
import { checkSearchSpace } from './search-space.js';
import type { SearchSpace } from './search-types.js';

/**
 * Parameters that always occur together, because they have the same condition. TPE learns one joint density for each:
 * what Optuna's `group` finds from past trials is known here from the declared conditions.
 */
export interface ParamGroup {
  /** Index of the parameter that decides; −1 when the group is always there. */
  readonly parent: number;
  readonly values: readonly ParamValue[];
  /** Indices of its parameters, by name. */
  readonly members: readonly number[];
}

/** A checked space; a parameter's index is its place by name. */
export interface CompiledSpace {
  readonly dimensions: readonly Dimension[];
  /** Deciding parameters come in an earlier group than those that depend on them. */
  readonly groups: readonly ParamGroup[];
}

/** @throws NUM_SEARCH_SPACE */
export function compileSpace(space: SearchSpace): CompiledSpace {
  checkSearchSpace(space);
  const names = Object.keys(space).sort();
  const byKey = new Map<string, { depth: number; parent: number; values: readonly ParamValue[]; members: number[] }>();
  for (const [index, name] of names.entries()) {
    const { when } = space[name];
    const key = when === undefined ? '' : conditionKey(when.param, when.in);
    const group = byKey.get(key);
    if (group) group.members.push(index);
    else {
      const parent = when === undefined ? -1 : names.indexOf(when.param);
      byKey.set(key, { depth: depthOf(space, name), parent, values: when?.in ?? [], members: [index] });
    }
  }
  const groups = [...byKey.entries()].sort(
    ([keyA, a], [keyB, b]) => a.depth - b.depth || (keyA < keyB ? -1 : keyA > keyB ? 1 : 0),
  );
  return {
    dimensions: names.map((name) => createDimension(name, space[name])),
    groups: groups.map(([, { parent, values, members }]) => ({ parent, values, members })),
  };
}

/** Whether a group's parameters are part of a trial whose earlier groups have these values. */
export function isActive(
  space: CompiledSpace,
  group: ParamGroup,
  params: Readonly<Record<string, ParamValue>>,
): boolean {
  if (group.parent < 0) return true;
  const { name } = space.dimensions[group.parent];
  return Object.hasOwn(params, name) && group.values.includes(params[name]);
}

/** The values are a set: their order is no condition of its own. */
function conditionKey(param: string, values: readonly ParamValue[]): string {
  return JSON.stringify([param, ...values.map((value) => JSON.stringify(value)).sort()]);
}

function depthOf(space: SearchSpace, name: string): number {
  const { when } = space[name];
  return when === undefined ? 0 : 1 + depthOf(space, when.param);
}
