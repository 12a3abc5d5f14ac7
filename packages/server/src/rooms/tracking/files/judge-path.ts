import { artifactPathProblem, canonicalPath } from '../artifact-path-rules.js';
import { trackingErrors } from '../tracking-errors.js';

/** The path that is used from here on. Throws TRK_ARTIFACT_PATH_INVALID. */
export function judgePath(path: string): string {
  const problem = artifactPathProblem(path);
  if (problem === null) return canonicalPath(path);
  const shown = path.slice(0, 80);
  throw trackingErrors.TRK_ARTIFACT_PATH_INVALID(`${JSON.stringify(shown)} cannot be a path: ${problem}.`, {
    data: { path: shown, problem },
  });
}

/** As {@link judgePath}, where "" is the root of all. */
export function judgeFolder(path: string): string {
  return path === '' ? '' : judgePath(path);
}
