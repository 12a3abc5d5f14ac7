import type { IncomingHttpHeaders } from 'node:http';

/** True when the headers announce a body of at least one byte, or of a length to be seen. */
export function announcesBody({
  'content-length': length,
  'transfer-encoding': encoding,
}: IncomingHttpHeaders): boolean {
  return encoding !== undefined || (length !== undefined && length !== '0');
}
