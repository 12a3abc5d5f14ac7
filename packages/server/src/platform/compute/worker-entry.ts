/**
 * The compiled file of a worker or child process, given its name beside the calling module. Node starts such files by
 * itself and cannot run TypeScript, so a caller that is tested from `src/*.ts` gets the twin in `dist`.
 *
 * @example workerEntry(import.meta.url, 'inference-worker.js')
 */
export function workerEntry(callerUrl: string, fileName: string): URL {
  const url = new URL(fileName, callerUrl);
  const fromSource = /\.ts($|\?)/.test(callerUrl);
  if (!fromSource) return url;
  const at = url.pathname.lastIndexOf('/src/');
  url.pathname = `${url.pathname.slice(0, at)}/dist/${url.pathname.slice(at + '/src/'.length)}`;
  return url;
}
