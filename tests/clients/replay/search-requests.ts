import { post, type ReplayRequest } from './request-types.js';

const MORE_RUNS = 6;

const making = Array.from({ length: MORE_RUNS }, (_, i): ReplayRequest[] => [
  post(
    `make run ${i} to search`,
    'runs/create',
    { experiment_id: '{second}', start_time: 1_700_000_000_000 + i, run_name: `run ${i}` },
    {
      save: { [`found${i}`]: 'run.info.run_id' },
    },
  ),
  post(`fill run ${i} to search`, 'runs/log-batch', {
    run_id: `{found${i}}`,
    metrics: [
      { key: 'acc', value: i / 10, timestamp: 1, step: 0 },
      ...(i % 2 ? [{ key: 'odd', value: -i, timestamp: 1, step: 0 }] : []),
    ],
    params: [
      { key: 'kind', value: i < 3 ? 'Tree' : 'line' },
      { key: 'odd name', value: `${i}` },
    ],
    tags: [{ key: 'a.b', value: `t${i}` }, ...(i % 2 ? [{ key: 'some', value: 'x' }] : [])],
  }),
]).flat();

const search = (name: string, filter: string, more: object = {}) =>
  post(`runs: ${name}`, 'runs/search', { experiment_ids: ['{second}'], filter, max_results: 100, ...more });

/** The grammar of run search: what it finds, in which order, and what it refuses. */
export const searchRequests: readonly ReplayRequest[] = [
  ...making,
  search('all', ''),
  search('a metric', 'metrics.acc >= 0.3'),
  search('a metric in backticks', 'metric.`acc` < 0.2'),
  search('a metric that some have', 'metrics.odd != -1'),
  search('a parameter', "params.kind = 'Tree'"),
  search('another parameter', 'param."odd name" != \'2\''),
  search('like', "params.kind LIKE 'T%'"),
  search('ilike', "params.kind ILIKE 't%' AND metrics.acc > 0"),
  search('a tag', "tags.`a.b` = 't4'"),
  search('a tag that some lack', 'tags.some IS NULL'),
  search('a tag that some have', 'tags.some is not null AND params.kind IS NOT NULL'),
  search('a parameter that nobody has', 'params.nobody IS NOT NULL'),
  search('a metric that is null', 'metrics.acc IS NULL'),
  search('an attribute that is null', 'attributes.run_name IS NULL'),
  search('a tag that is nothing', 'tags.some IS'),
  search('the name', "attributes.run_name = 'run 2'"),
  search('the name in other words', "attributes.`Run name` LIKE 'run _'"),
  search('the state', "status = 'RUNNING'"),
  search('the time', 'attributes.start_time > 1700000000003'),
  search('ids', "run_id IN ('{found1}', '{found4}')"),
  search('all but ids', "attributes.run_id NOT IN ('{found1}')"),
  search('datasets', "dataset.name = 'harbour'"),
  search('ordered by a metric', '', { order_by: ['metrics.odd ASC'] }),
  search('ordered by a metric downwards', '', { order_by: ['metrics.odd DESC', 'attributes.start_time ASC'] }),
  search('ordered by a parameter', '', { order_by: ['params.kind', 'metrics.acc DESC'] }),
  search('ordered by a tag', '', { order_by: ['tags.`a.b` DESC'] }),
  search('ordered by an attribute', '', { order_by: ['attributes.run_name ASC'] }),
  post(
    'runs: one page',
    'runs/search',
    { experiment_ids: ['{second}'], max_results: 4, order_by: ['metrics.acc ASC'] },
    {
      save: { runToken: 'next_page_token' },
    },
  ),
  post('runs: the next page', 'runs/search', {
    experiment_ids: ['{second}'],
    max_results: 4,
    order_by: ['metrics.acc ASC'],
    page_token: '{runToken}',
  }),
  post('runs: of no experiment', 'runs/search', { max_results: 5 }),
  post('runs: of an experiment that is not', 'runs/search', { experiment_ids: ['987654'], max_results: 5 }),
  search('deleted ones', '', { run_view_type: 'DELETED_ONLY' }),
  search('or', 'metrics.acc > 1 OR metrics.acc < 0'),
  search('not', 'NOT metrics.acc > 1'),
  search('a word for a metric', "metrics.acc > 'x'"),
  search('a number for a parameter', 'params.kind = 5'),
  search('greater of parameters', "params.kind > 'a'"),
  search('an unknown entity', "colours.a = 'x'"),
  search('an unknown attribute', "attributes.nobody = 'x'"),
  search('half a comparison', 'metrics.acc >'),
  search('a quote that stays open', "params.kind = 'Tree"),
  search('two statements', 'metrics.acc > 1; metrics.acc > 2'),
  search('an order that is none', '', { order_by: ['metrics.acc SIDEWAYS'] }),
  search('an order of an unknown entity', '', { order_by: ['colours.a'] }),
  search('too many results', '', { max_results: 50_001 }),
  search('no results', '', { max_results: 0 }),
  search('a token that is none', '', { page_token: '!!' }),
];
