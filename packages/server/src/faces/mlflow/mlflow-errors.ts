import { defineErrors } from '@fairlead/kernel';

export const mlflowErrors = defineErrors('faces/mlflow', {
  MLF_PARAMETER_MISSING: {
    status: 400,
    fault: 'user',
    title: 'A parameter that the call needs is not there',
    remedy: 'Send the named parameter; an empty text counts as nothing.',
  },
  MLF_PARAMETER_INVALID: {
    status: 400,
    fault: 'user',
    title: 'A parameter of the call has a wrong type or value',
    remedy: 'Send the named parameter in the stated form.',
  },
  MLF_FILTER_INVALID: {
    status: 400,
    fault: 'user',
    title: 'A filter or an order of a search is not understood',
    remedy:
      "Join conditions such as metrics.loss < 0.5, params.depth = '4', tags.`my key` LIKE 'a%' or run_id IN ('x', 'y') by AND; order by metrics.loss DESC.",
  },
  MLF_FILE_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'There is no file at this place',
    remedy: 'List the folder and use one of its files; a folder itself cannot be downloaded.',
  },
  MLF_SCORING_INPUT: {
    status: 400,
    fault: 'user',
    title: 'The body of a scoring request is in none of the forms',
    remedy:
      'Send one of dataframe_split, dataframe_records, instances and inputs as JSON, or CSV whose first line names the columns.',
  },
  MLF_SCORING_CONTENT: {
    status: 415,
    fault: 'user',
    title: 'The body of a scoring request is neither JSON nor CSV',
    remedy: 'Send Content-Type: application/json or text/csv, in UTF-8.',
  },
  MLF_CONTENT_TYPE_REFUSED: {
    status: 400,
    fault: 'user',
    title: 'The body is not sent as JSON',
    remedy: 'Send Content-Type: application/json.',
  },
});
