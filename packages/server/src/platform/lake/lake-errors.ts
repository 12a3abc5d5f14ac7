import { defineErrors } from '@fairlead/kernel';

export const lakeErrors = defineErrors('platform/lake', {
  LAKE_QUERY_FAILED: {
    status: 422,
    fault: 'user',
    title: 'The data cannot be read or computed as asked',
    remedy: 'The message of the query engine names the column, value or line to mend.',
  },
  LAKE_FILE_UNREADABLE: {
    status: 422,
    fault: 'user',
    title: 'A data file cannot be read or written',
    remedy: 'Check that the file exists, is complete and has the format its name promises.',
  },
  LAKE_PATH_REFUSED: {
    status: 403,
    fault: 'user',
    title: 'The query touches what it may not touch',
    remedy: 'Only files under the configured folders can be read; ingest the file first. Settings cannot be changed.',
  },
  LAKE_UNSAFE_INTEGER: {
    status: 422,
    fault: 'user',
    title: 'An integer is too large for a float64 column',
    remedy: 'Cast the column to text (an id) or to DOUBLE (a rounded quantity) in the query or schema.',
  },
  LAKE_UNSAFE_TIMESTAMP: {
    status: 422,
    fault: 'user',
    title: 'A timestamp lies outside the years that can be shown',
    remedy: 'Replace infinite and far-off dates, for example with nullif(), before reading them.',
  },
  LAKE_UNSUPPORTED_TYPE: {
    status: 422,
    fault: 'user',
    title: 'A column has a type that tables do not hold',
    remedy: 'Cast the column to a number, text, boolean, date or timestamp, or unnest it.',
  },
  LAKE_OUT_OF_MEMORY: {
    status: 503,
    fault: 'system',
    title: 'The query needs more memory or temporary disk space than it may use',
    remedy: 'Raise the memory limit, free disk space under the home folder, or read fewer columns and rows.',
  },
  LAKE_CLOSED: {
    status: 503,
    fault: 'system',
    title: 'The query engine has been shut down',
    remedy: 'Send the request again when the server is back.',
  },
  LAKE_FAULT: {
    status: 500,
    fault: 'system',
    title: 'The query engine failed',
    remedy: 'Report the message together with the query; restarting the server gives a fresh engine.',
  },
});
