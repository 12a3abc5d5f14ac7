import { defineEvent } from '@fairlead/kernel';

export const datasetDeclared = defineEvent<{ dataset: string; contractDigest: string }>(
  'data.dataset-declared',
  'A dataset was declared or its contract changed',
);
export const versionCreated = defineEvent<{
  dataset: string;
  versionId: string;
  number: number;
  rows: number;
  deliveryId: string;
  sourceDigest: string;
  parentId: string | null;
}>('data.version-created', 'A delivery was accepted and became a dataset version');
export const deliveryRefused = defineEvent<{
  dataset: string;
  deliveryId: string;
  /** Rows that broke the contract themselves. */
  faultyRows: number;
  rejectedRows: number;
  receivedRows: number;
  failedChecks: string[];
}>('data.delivery-refused', 'A whole delivery was refused; all its rows are in quarantine');
export const deliveryUnchanged = defineEvent<{ dataset: string; deliveryId: string; versionId: string }>(
  'data.delivery-unchanged',
  'A delivery brought bytes that are already a version',
);
export const splitCreated = defineEvent<{ splitId: string; versionId: string }>(
  'data.split-created',
  'A dataset version was split into parts',
);
