import { defineErrors } from '@fairlead/kernel';

export const frameErrors = defineErrors('frame', {
  FRAME_COLUMN_NOT_FOUND: {
    status: 400,
    fault: 'user',
    title: 'No such column',
    remedy: 'Name one of the columns the message lists.',
  },
  FRAME_CELL_TYPE: {
    status: 400,
    fault: 'user',
    title: 'A cell does not have the type of its column',
    remedy: 'Convert the value, declare another column kind, or pass null for a missing cell.',
  },
  FRAME_SHAPE: {
    status: 400,
    fault: 'user',
    title: 'Columns or tables do not fit together',
    remedy: 'Give every column the same number of rows, and tables to be joined the same columns in kind and name.',
  },
});
