import type { LineageGraph, LineageNode, LineageOptions, WalkedNode } from '../../tracking/index.js';

/** What a room says about one of its things. */
export interface NodeFacts {
  readonly name: string;
  readonly atMs: number | null;
  /** Digest of its bytes, or the digest that a client gave. */
  readonly digest: string | null;
  /** Its own address on this server. */
  readonly link: string | null;
  /** False for what edges name and no room knows (any more). */
  readonly known: boolean;
  /** When it was removed for good: its edges stay. */
  readonly purgedAtMs: number | null;
}

export interface DescribedNode extends WalkedNode, NodeFacts {}

export interface DescribedGraph extends Omit<LineageGraph, 'nodes'> {
  readonly nodes: readonly DescribedNode[];
}

export interface LineageService {
  /** The graph around a node, each of its nodes with what the room that owns it says about it. */
  walk(node: LineageNode, options: LineageOptions): Promise<DescribedGraph>;
}
