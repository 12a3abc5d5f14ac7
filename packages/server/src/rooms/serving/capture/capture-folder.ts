import { join } from 'node:path';

/** Where the segments of the prediction log are, in the home of a server. */
export const captureFolder = (home: string): string => join(home, 'capture');
