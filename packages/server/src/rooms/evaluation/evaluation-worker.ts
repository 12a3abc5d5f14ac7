import { serveThread } from '../../platform/compute/index.js';
import type { JudgeInput, Judgement } from './judge-messages.js';
import { judgeModel } from './judge-model.js';
import { judgeNumbers } from './judge-numbers.js';

// Entry of the judging thread: pure JavaScript, so it may be ended at any time.
serveThread<JudgeInput, Judgement, { ratio: number; message: string }>((input, { stop, tell }) => {
  const news = (ratio: number, message: string): void => {
    if (stop.aborted) throw stop.reason;
    tell({ ratio, message });
  };
  return input.task === 'regression' ? judgeNumbers(input, news) : judgeModel(input, news);
});
