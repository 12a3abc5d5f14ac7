import { defineEvent } from '@fairlead/kernel';

export const storageCollected = defineEvent<{ objects: number; removed: number; removedBytes: number }>(
  'storage.collected',
  'Stored bytes that nothing refers to were removed',
);
