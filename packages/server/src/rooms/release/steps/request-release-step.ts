import type { StepHandler } from '../../pipelines/index.js';
import type { ReleaseService } from '../release-types.js';

const KEYS = ['endpoint', 'reason', 'wait', 'beside'];
const DECIDED = ['gates-failed', 'awaiting-approval', 'approved', 'failed', 'superseded'] as const;
const LONGEST_WAIT_MS = 600_000;

/**
 * The built-in step `request-release`: takes the input `version` to `test` and waits for its gates. A model that fails
 * them does not fail the pipeline: it stays a candidate, and the release says why.
 */
export function createRequestReleaseStep(release: ReleaseService): StepHandler {
  return {
    uses: 'request-release',
    version: '1',
    title: 'Ask for a release: deploy to test and run the gates',
    cacheable: false,
    check: (params) => [
      ...Object.keys(params)
        .filter((key) => !KEYS.includes(key))
        .map((key) => `unknown key '${key}'; there are ${KEYS.join(', ')}`),
      ...(typeof params.endpoint === 'string' ? [] : ['`endpoint` must be the name of an endpoint']),
      ...(['boolean', 'undefined'].includes(typeof params.beside) ? [] : ['`beside` must be true or false']),
    ],
    run: async ({ context, params, inputs, pipeline, signal, progress }) => {
      const version = Number(inputs.version?.id.split('/').at(-1));
      const reason = typeof params.reason === 'string' ? params.reason : `pipeline ${pipeline}`;
      const beside = params.beside === true;
      const requested = await release.request(context, { endpoint: String(params.endpoint), version, reason, beside });
      progress(0.2, 'gates run in test');
      const decided =
        params.wait === false
          ? requested
          : await release.waitFor(requested.id, DECIDED, { timeoutMs: LONGEST_WAIT_MS, signal });
      const { id, state, waitingFor, modelDigest, gates } = decided;
      return {
        outputs: { release: { kind: 'release', id, digest: modelDigest } },
        summary: {
          state,
          waitingFor,
          gates: gates.map(({ title, verdict, observed }) => ({ title, verdict, observed })),
        },
      };
    },
  };
}
