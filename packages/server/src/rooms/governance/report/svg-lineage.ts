import { type Html, html } from '../../../platform/http/index.js';
import type { LineageEdge, LineageNode } from '../../tracking/index.js';
import { shorten } from './format-values.js';
import { at, chart } from './svg-parts.js';

/** Kinds of things from left to right; what is not named stands in the last column. */
const LAYERS: readonly (readonly string[])[] = [
  ['source'],
  ['dataset-version'],
  ['split', 'code', 'code-change', 'lock-file', 'environment'],
  ['run', 'pipeline-run'],
  ['model-version'],
];
const [BOX_WIDTH, BOX_HEIGHT, GAP_X, GAP_Y] = [140, 46, 24, 14];
const MAX_PER_LAYER = 8;
/** Edges within the last column bend out of it. */
const MARGIN_RIGHT = 20;

export interface LineageFacts {
  readonly nodes: readonly LineageNode[];
  readonly edges: readonly LineageEdge[];
  /** What people call a thing, where that is known. */
  readonly nameOf: (node: LineageNode) => string | null;
  readonly root: LineageNode;
}

interface Box {
  readonly node: LineageNode;
  readonly x: number;
  readonly y: number;
}

const keyOf = (node: LineageNode) => `${node.kind}\n${node.id}`;

/** From source to deployment, left to right: what came from what. */
export function lineageChart({ nodes, edges, nameOf, root }: LineageFacts): Html {
  const layers = layOut(nodes);
  const tallest = Math.max(...layers.map((layer) => Math.min(layer.length, MAX_PER_LAYER)), 1);
  const height = tallest * (BOX_HEIGHT + GAP_Y) + GAP_Y + 16;
  const boxes = new Map<string, Box>();
  for (const [column, layer] of layers.entries()) {
    const shown = layer.slice(0, MAX_PER_LAYER);
    const top = (height - 16 - shown.length * (BOX_HEIGHT + GAP_Y) + GAP_Y) / 2;
    for (const [row, node] of shown.entries()) {
      boxes.set(keyOf(node), { node, x: 4 + column * (BOX_WIDTH + GAP_X), y: top + row * (BOX_HEIGHT + GAP_Y) });
    }
  }
  const drawn = edges.flatMap((edge) => {
    const [from, to] = [boxes.get(keyOf(edge.from)), boxes.get(keyOf(edge.to))];
    return from === undefined || to === undefined ? [] : [drawEdge(from, to)];
  });
  const hidden = nodes.length - boxes.size;
  return chart({
    id: 'lineage',
    width: layers.length * (BOX_WIDTH + GAP_X) - GAP_X + MARGIN_RIGHT,
    height,
    title: 'Lineage from source to deployment',
    description: edges
      .map(({ from, to, relation }) => `${to.kind} ${shorten(to.id)} ${relation} ${from.kind} ${shorten(from.id)}`)
      .join('; '),
    body: html`${drawn}${[...boxes.values()].map((box) => drawBox(box, nameOf(box.node), keyOf(box.node) === keyOf(root)))}`,
    caption: html`What this version came from and what came from it, left to right.${hidden > 0 && html` ${hidden} more things are left out of the picture.`}`,
  });
}

function layOut(nodes: readonly LineageNode[]): LineageNode[][] {
  const layers: LineageNode[][] = [...LAYERS, []].map(() => []);
  const sorted = [...nodes].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  for (const node of sorted) {
    const found = LAYERS.findIndex((kinds) => kinds.includes(node.kind));
    layers[found === -1 ? LAYERS.length : found]?.push(node);
  }
  return layers.filter((layer) => layer.length > 0);
}

function drawEdge(from: Box, to: Box): Html {
  const [x1, y1, x2, y2] = [from.x + BOX_WIDTH, from.y + BOX_HEIGHT / 2, to.x, to.y + BOX_HEIGHT / 2];
  if (x2 <= from.x) {
    const side = from.x + BOX_WIDTH + 14;
    return html`<path class="edge" d="M${at(x1)} ${at(y1)} C${at(side)} ${at(y1)} ${at(side)} ${at(y2)} ${at(to.x + BOX_WIDTH)} ${at(y2)}"/>`;
  }
  const bend = (x1 + x2) / 2;
  return html`<path class="edge" d="M${at(x1)} ${at(y1)} C${at(bend)} ${at(y1)} ${at(bend)} ${at(y2)} ${at(x2)} ${at(y2)}"/>`;
}

function drawBox({ node, x, y }: Box, name: string | null, isRoot: boolean): Html {
  const middle = at(x + BOX_WIDTH / 2);
  return html`<rect class="node${isRoot && ' root'}" x="${at(x)}" y="${at(y)}" width="${BOX_WIDTH}" height="${BOX_HEIGHT}" rx="6"/><text class="kind${isRoot && ' root'}" x="${middle}" y="${at(y + 17)}" text-anchor="middle">${node.kind}</text><text class="name${isRoot && ' root'}" x="${middle}" y="${at(y + 35)}" text-anchor="middle">${shorten(name ?? node.id, name === null ? 12 : 17)}</text>`;
}
