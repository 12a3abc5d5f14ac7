import type { LineageGraphView } from '@fairlead/contracts';
import { describe, expect, it } from 'vitest';
import { lineageTree } from './lineage-tree.js';

const plain = (text: string) => text;
const style = { bold: plain, dim: plain, red: plain, green: plain, yellow: plain };
const node = (kind: string, id: string) => ({ kind, id });
const facts = (kind: string, id: string, more = {}) => ({
  ...node(kind, id),
  name: id,
  distance: 1,
  atMs: null,
  digest: null,
  link: null,
  known: true,
  purgedAtMs: null,
  ...more,
});

describe('the lineage of a thing as a tree', () => {
  const graph: LineageGraphView = {
    root: node('model-version', 'rain/2'),
    nodes: [
      facts('model-version', 'rain/2', { name: 'rain 2', atMs: 0 }),
      facts('run', 'r'),
      facts('split', 's'),
      facts('deployment', 'd', { known: false }),
    ],
    edges: [
      { from: node('run', 'r'), to: node('model-version', 'rain/2'), relation: 'produced-by' },
      { from: node('split', 's'), to: node('run', 'r'), relation: 'used-by' },
      { from: node('split', 's'), to: node('run', 'r'), relation: 'input-of' },
      { from: node('split', 's'), to: node('model-version', 'rain/2'), relation: 'trained-on' },
      { from: node('model-version', 'rain/2'), to: node('deployment', 'd'), relation: 'deployed-as' },
    ],
    truncated: true,
    cutOff: ['max-depth'],
  };

  it('draws both sides, names what meets only once and says what was cut off', () => {
    expect(lineageTree(graph, style)).toEqual([
      'model-version rain 2  1970-01-01 00:00',
      'made from',
      '├─ run r  produced-by',
      '│  └─ ↑ split s',
      '└─ split s  trained-on',
      'became',
      '└─ deployment d (unknown here)  deployed-as',
      'there is more further away: raise --depth',
    ]);
  });

  it('ends on a cycle and says when nothing is known', () => {
    const round = { from: node('deployment', 'd'), to: node('model-version', 'rain/2'), relation: 'x' };
    expect(lineageTree({ ...graph, edges: [...graph.edges, round] }, style)).toHaveLength(11);
    expect(lineageTree({ ...graph, edges: [], cutOff: [] }, style)[1]).toMatch(/^nothing is recorded/);
  });
});
