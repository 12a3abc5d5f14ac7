import { defineEvent } from '@fairlead/kernel';

export const reportStored = defineEvent<{ model: string; version: number; digest: string; sizeBytes: number }>(
  'governance.report-stored',
  'The report of a model version was stored as it was at that moment',
);

/** How a stored report hangs on its model version in the lineage graph. */
export const REPORTED_IN = 'reported-in';
