import type { ErrorBody } from '@fairlead/contracts';
import { FairleadApiError } from './fairlead-api-error.js';

/** The error behind an answer that is not 2xx. Never throws: what is no Fairlead error becomes SDK_BAD_ANSWER. */
export async function readApiError(response: Response): Promise<FairleadApiError> {
  const text = await response.text().catch(() => '');
  const found = parse(text);
  if (found === undefined) {
    return new FairleadApiError({
      code: 'SDK_BAD_ANSWER',
      message: `${response.url} answered ${response.status} without an error that Fairlead writes.`,
      remedy: 'Check the address, and whether a proxy stands in between.',
      data: { body: text.slice(0, 500) },
      status: response.status,
      id: '',
      requestId: response.headers.get('x-request-id'),
    });
  }
  const { code, message, remedy, data, id, requestId } = found;
  return new FairleadApiError({
    code,
    message,
    remedy: remedy ?? '',
    data: data ?? {},
    status: response.status,
    id: id ?? '',
    requestId: requestId ?? response.headers.get('x-request-id'),
  });
}

function parse(text: string): (Pick<ErrorBody['error'], 'code' | 'message'> & Partial<ErrorBody['error']>) | undefined {
  try {
    const { error } = JSON.parse(text) as Partial<ErrorBody>;
    return typeof error?.code === 'string' && typeof error.message === 'string' ? error : undefined;
  } catch {
    return undefined;
  }
}
