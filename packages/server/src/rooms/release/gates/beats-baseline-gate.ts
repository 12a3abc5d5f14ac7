import { skillOf } from '../../evaluation/index.js';
import { rounded } from '../measure-words.js';
import { defineGate, withoutReport } from './define-gate.js';
import type { DeployedReport } from './deployed-report.js';
import type { GateSpecOf } from './gate-types.js';

/** Fewer scored rows than this and a comparison says nothing. */
export const MIN_ROWS = 30;

/** Since version 2 of what the deployment in test answers; before, of the stored report. */
export const beatsBaselineGate = defineGate<GateSpecOf<'beats-baseline'>, DeployedReport>({
  kind: 'beats-baseline',
  version: 2,
  measure: (room) => room.deployed(),
  judge: ({ margin }, deployed) => {
    const title = 'Skill over the strongest baseline';
    const required = `lower bound above ${margin}`;
    if (deployed.kind !== 'judged') return withoutReport(title, required, deployed);
    const { report } = deployed;
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
