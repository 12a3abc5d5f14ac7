import { defineEvent } from '@fairlead/kernel';

export const reportCreated = defineEvent<{
  reportDigest: string;
  modelDigest: string;
  splitId: string;
  part: string;
  rows: number;
  strongestBaseline: string;
  brierSkill: number | null;
  /** Of a model of numbers. */
  mseSkill?: number | null;
}>('evaluation.report-created', 'A model was judged against its baselines and the report stored');
