import { defineErrors } from '@fairlead/kernel';

export const dataErrors = defineErrors('data', {
  DATA_DATASET_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'No such dataset',
    remedy: 'List the datasets, or declare this one in the project file and apply it.',
  },
  DATA_VERSION_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'No such dataset version',
    remedy:
      'List the versions of the dataset; give a version id, a number, or `latest` after a first accepted delivery.',
  },
  DATA_DELIVERY_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'No such delivery',
    remedy: 'List the deliveries of the dataset.',
  },
  DATA_SPLIT_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'No such split or part',
    remedy: 'Make the split first; the parts are those that its spec names.',
  },
  DATA_SPEC_INVALID: {
    status: 400,
    fault: 'user',
    title: 'The dataset declaration contradicts itself',
    remedy: 'Correct the named key of the dataset in the project file.',
  },
  DATA_EXPRESSION_INVALID: {
    status: 400,
    fault: 'user',
    title: 'An SQL expression of the declaration is not usable',
    remedy:
      'Write one expression over the columns of the row: no statements, sub-selects, files, random or clock functions.',
  },
  DATA_EXPRESSION_FAILED: {
    status: 422,
    fault: 'user',
    title: 'An SQL expression failed on the data',
    remedy: 'Make the expression total, for example with try_cast, nullif or coalesce.',
  },
  DATA_SCHEMA_SUSPICIOUS: {
    status: 422,
    fault: 'user',
    title: 'The schema that was read from the file looks wrong',
    remedy: 'Declare the columns of the dataset, and check the delimiter and the quotes of the file.',
  },
  DATA_SCHEMA_CHANGED: {
    status: 409,
    fault: 'user',
    title: 'The delivery has other columns than the version it would be appended to',
    remedy: 'Deliver with mode replace, or give the contract the columns it had.',
  },
  DATA_SOURCE_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'The source does not exist',
    remedy: 'Give the path of an existing file or a folder with files of the format, or upload the bytes first.',
  },
  DATA_SOURCE_UNREADABLE: {
    status: 422,
    fault: 'user',
    title: 'The source cannot be read as this format',
    remedy: 'Set `format` to csv, jsonl or parquet as it is, and check that the file is whole and not compressed.',
  },
  DATA_FORMAT_UNKNOWN: {
    status: 400,
    fault: 'user',
    title: 'The format of the source cannot be told from its name',
    remedy: 'Set `format` of the source to csv, jsonl or parquet.',
  },
  DATA_PATH_FORBIDDEN: {
    status: 403,
    fault: 'user',
    title: 'The path lies outside the folders that the server may read',
    remedy: 'Move the file into the project folder or the home of the server, or upload its bytes.',
  },
  DATA_URL_FORBIDDEN: {
    status: 403,
    fault: 'user',
    title: 'The address is not allowed as a source',
    remedy: 'Use an http(s) address of a public host; the operator may allow private hosts in the configuration.',
  },
  DATA_URL_FAILED: {
    status: 422,
    fault: 'user',
    title: 'The address did not deliver the data',
    remedy: 'Check the address and try again; nothing was stored.',
  },
  DATA_SPLIT_INVALID: {
    status: 400,
    fault: 'user',
    title: 'The split cannot be made',
    remedy: 'Give ranges that do not overlap, ratios above 0 that sum to 1, and a column that the version has.',
  },
  DATA_COLUMN_NOT_FOUND: {
    status: 400,
    fault: 'user',
    title: 'The version has no such column',
    remedy: 'Look at the columns of the version and correct the name.',
  },
  DATA_CONFLICT: {
    status: 409,
    fault: 'user',
    title: 'Another delivery was accepted meanwhile',
    remedy: 'Send the delivery again; it is then judged against the new latest version.',
  },
  DATA_COUNT_MISMATCH: {
    status: 500,
    fault: 'system',
    title: 'The rows do not add up',
    remedy: 'Report this with the source file; nothing was stored as a version.',
  },
});
