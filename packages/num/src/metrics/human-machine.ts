import type { Interval } from '@fairlead/kernel';
import { checkLength } from '../checks.js';
import { numErrors } from '../num-errors.js';
import { wilsonInterval } from '../resample/proportions.js';

export interface HumanMachineInput {
  /** What people decided, or what turned out to be right: class codes. */
  readonly human: Int32Array;
  /** What the machine decided; any code below 0: it handed the case to a person. */
  readonly machine: Int32Array;
}

/** What a machine that may hand cases to people takes off them, and at what risk. */
export interface HumanMachineMetrics {
  readonly rows: number;
  /** Rows that the machine decided. */
  readonly decided: number;
  /** decided / rows. */
  readonly automationRate: Interval;
  /** Rows decided by the machine alone and wrongly / rows: the errors that nobody would have seen. */
  readonly riskRate: Interval;
  /** Share of the machine's decisions that people share; undefined when it decided nothing. */
  readonly agreement: Interval | undefined;
}

/** Rates with Wilson intervals. riskRate = automationRate × (1 − agreement). @throws NUM_SHAPE, NUM_TOO_FEW */
export function scoreHumanMachine({ human, machine }: HumanMachineInput, confidence = 0.95): HumanMachineMetrics {
  const rows = human.length;
  checkLength('machine', machine.length, rows);
  if (rows === 0) throw numErrors.NUM_TOO_FEW('There are no cases to score.');
  let decided = 0;
  let right = 0;
  for (let i = 0; i < rows; i++) {
    if (machine[i] < 0) continue;
    decided++;
    if (machine[i] === human[i]) right++;
  }
  return {
    rows,
    decided,
    automationRate: wilsonInterval(decided, rows, confidence),
    riskRate: wilsonInterval(decided - right, rows, confidence),
    agreement: decided === 0 ? undefined : wilsonInterval(right, decided, confidence),
  };
}
