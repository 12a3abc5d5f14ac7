import { defineErrors } from '@fairlead/kernel';

/** Faults that the client itself finds; refusals of the server come as FairleadApiError with the server's own codes. */
export const sdkErrors = defineErrors('sdk', {
  SDK_UNREACHABLE: {
    status: 503,
    fault: 'system',
    title: 'No server answers at the address',
    remedy: 'Start one with `fairlead up`, or give the right address with --url or FAIRLEAD_URL.',
  },
  SDK_BAD_URL: {
    status: 400,
    fault: 'user',
    title: 'The address of the server cannot be read',
    remedy: 'Give an address such as http://127.0.0.1:4600.',
  },
  SDK_BAD_ANSWER: {
    status: 502,
    fault: 'system',
    title: 'The answer does not come from a Fairlead server',
    remedy: 'Check the address, and whether a proxy stands in between.',
  },
  SDK_REQUEST_TIMEOUT: {
    status: 504,
    fault: 'system',
    title: 'The server did not answer in time',
    remedy: 'Try again, or raise the time limit of the call.',
  },
  SDK_WAIT_TIMEOUT: {
    status: 504,
    fault: 'system',
    title: 'What was waited for did not happen in time',
    remedy: 'It goes on without you: ask for its state later, or wait longer.',
  },
});
