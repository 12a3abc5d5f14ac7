import { isFairleadError } from '@fairlead/kernel';
import { isFairleadApiError } from '@fairlead/sdk';
import type * as Server from '@fairlead/server';

/** What of the server package a move needs: it is loaded only when a move begins. */
export interface ServerTools
  extends Pick<
    typeof Server,
    | 'createAddressMap'
    | 'openMlflowSource'
    | 'pointsDigest'
    | 'splitExperimentTags'
    | 'splitRunTags'
    | 'exportMlruns'
    | 'exportParquet'
  > {
  /** Why something was refused, in words; every other error is thrown. */
  refusalOf(error: unknown): string;
}

export async function loadServerTools(): Promise<ServerTools> {
  return { ...(await import('@fairlead/server')), refusalOf };
}

/** A refusal of one record: by the server, or because the source gives no bytes. Not: no rights, no server, no time. */
function refusalOf(error: unknown): string {
  const isRefusal = isFairleadApiError(error) && [400, 404, 409, 413, 422].includes(error.status);
  const isUnread = isFairleadError(error) && error.code.startsWith('MOVE_');
  if (isRefusal || isUnread) return `${error.code}: ${error.message}`;
  throw error;
}
