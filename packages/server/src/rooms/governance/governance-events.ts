import { defineEvent } from '@fairlead/kernel';

export const reportStored = defineEvent<{ model: string; version: number; digest: string; sizeBytes: number }>(
  'governance.report-stored',
  'The report of a model version was stored as it was at that moment',
);
export const lineageReceived = defineEvent<{ events: number; producers: readonly string[] }>(
  'governance.lineage-received',
  'OpenLineage events of other systems were taken in',
);
export const lineageRefused = defineEvent<{ seq: number; reason: string }>(
  'governance.lineage-refused',
  'The receiver of our OpenLineage events refused one for good; it is kept with the reason and not sent again',
);

/** How a stored report hangs on its model version in the lineage graph. */
export const REPORTED_IN = 'reported-in';
