import { sleep } from '@fairlead/kernel';
import type { Deployment } from '../../serving/index.js';

/** Where a deployment answers rows. */
export function predictUrl(address: string, { endpoint, environment }: Deployment): string {
  const [place, name] = [encodeURIComponent(environment), encodeURIComponent(endpoint)];
  return `${address}/api/v1/environments/${place}/endpoints/${name}/predict`;
}

const TRIES = 100;
const PAUSE_MS = 100;

/** Jobs start before the server listens: what calls it over HTTP waits until it answers. Throws the last failure. */
export async function untilAnswering(address: string, signal: AbortSignal): Promise<void> {
  for (let left = TRIES; ; left -= 1) {
    try {
      const answer = await fetch(`${address}/livez`, { signal });
      await answer.arrayBuffer();
      return;
    } catch (error) {
      if (left === 1 || signal.aborted) throw error;
      await sleep(PAUSE_MS, signal);
    }
  }
}
