import { skillOf } from '../../evaluation/index.js';
import { defineGate, insufficient, NOT_EVALUATED, rounded } from './define-gate.js';
import type { GateRoom } from './gate-room.js';
import type { GateSpecOf } from './gate-types.js';

/** Fewer scored rows than this and a comparison says nothing. */
export const MIN_ROWS = 30;

export const beatsBaselineGate = defineGate<GateSpecOf<'beats-baseline'>, GateRoom['report']>({
  kind: 'beats-baseline',
  version: 1,
  measure: ({ report }) => report,
  judge: ({ margin }, report) => {
    const title = 'Skill over the strongest baseline';
    const required = `lower bound above ${margin}`;
    if (report === null) return insufficient(title, required, NOT_EVALUATED);
    const found = skillOf(report);
    const skill = found?.skill;
    const enough = skill !== undefined && report.rows >= MIN_ROWS && Number.isFinite(skill.lower);
    return {
      title,
      verdict: !enough ? 'insufficient' : skill.lower > margin ? 'pass' : 'fail',
      observed:
        skill === undefined
          ? 'no baseline was evaluated'
          : `${found?.name} ${rounded(skill.estimate)} over ${report.strongestBaseline}, interval ${rounded(skill.lower)} to ${rounded(skill.upper)} on ${report.rows} rows`,
      required,
      ...(skill !== undefined && { interval: skill }),
      evidence: { reportId: report.id, baseline: report.strongestBaseline, rows: report.rows },
    };
  },
});
