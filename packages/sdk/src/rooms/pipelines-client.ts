import type {
  DeclarePipelineSchema,
  PipelineRunAnswerSchema,
  PipelineRunView,
  PipelineView,
  StartPipelineRunSchema,
  StepKindSchema,
  Wire,
} from '@fairlead/contracts';
import type { Page, Transport, WaitOptions } from '../call-types.js';
import { waitUntil } from '../wait-until.js';

type Answer = Wire<typeof PipelineRunAnswerSchema>;
type Hold = { readonly waitMs?: number };

export function pipelinesClient({ json }: Transport) {
  return {
    list: () => json<Page<PipelineView>>('listPipelines'),
    get: (name: string) => json<PipelineView>('getPipeline', { params: { name } }),
    declare: (name: string, pipeline: Wire<typeof DeclarePipelineSchema>) =>
      json<PipelineView>('putPipeline', { params: { name }, body: pipeline }),
    /** Starts a run; `pipelineRuns.wait` sees it to its end. */
    run: async (name: string, request: Wire<typeof StartPipelineRunSchema> = {}, query: Hold = {}) =>
      (await json<Answer>('startPipelineRun', { params: { name }, body: request, query })).run,
    /** What `uses` may name. */
    builtInSteps: () => json<Page<Wire<typeof StepKindSchema>>>('listBuiltInSteps'),
  };
}

const ENDED: readonly PipelineRunView['state'][] = ['succeeded', 'failed', 'cancelled'];

export interface PipelineRunQuery {
  readonly pipeline?: string;
  readonly state?: PipelineRunView['state'];
  readonly limit?: number;
  readonly pageToken?: string;
}

export function pipelineRunsClient({ json }: Transport) {
  const get = (runId: string, query: Hold = {}) =>
    json<PipelineRunView>('getPipelineRun', { params: { runId }, query });
  return {
    /** Newest first. */
    list: (query: PipelineRunQuery = {}) => json<Page<PipelineRunView>>('listPipelineRuns', { query }),
    get,
    cancel: async (runId: string) => (await json<Answer>('cancelPipelineRun', { params: { runId } })).run,
    /** Runs what failed or never ran again; what succeeded is kept. */
    resume: async (runId: string) => (await json<Answer>('resumePipelineRun', { params: { runId } })).run,
    /** Until it succeeded, failed or was cancelled: the caller looks at the state. Throws SDK_WAIT_TIMEOUT. */
    wait: (runId: string, options: WaitOptions<PipelineRunView> = {}) =>
      waitUntil({
        ...options,
        what: `pipeline run ${runId}`,
        look: (waitMs) => get(runId, waitMs > 0 ? { waitMs } : {}),
        done: ({ state }) => ENDED.includes(state),
      }),
  };
}
