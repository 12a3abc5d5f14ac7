/** A thing in the lineage graph; README.md lists the kinds and what their ids are. */
export interface LineageNode {
  readonly kind: string;
  readonly id: string;
}

export interface LineageEdge {
  readonly from: LineageNode;
  readonly to: LineageNode;
  /** How `to` came from `from`, for example `trained-on`, `split-of`, `registered-from`, `deployed-as`. */
  readonly relation: string;
}

/** Why a walk ended before the graph did. */
export type LineageLimit = 'max-nodes' | 'max-depth';

export interface WalkedNode extends LineageNode {
  /** Steps from the root by the shortest way; 0 is the root itself. */
  readonly distance: number;
}

export interface LineageGraph {
  readonly root: LineageNode;
  /** The root first, then by distance. */
  readonly nodes: readonly WalkedNode[];
  readonly edges: readonly LineageEdge[];
  /** True when there is more than is given; `cutOff` says which limit ended the walk. */
  readonly truncated: boolean;
  readonly cutOff: readonly LineageLimit[];
}

export type LineageDirection = 'up' | 'down' | 'both';

export interface LineageOptions {
  readonly direction: LineageDirection;
  /** Nodes walked at most, those that `kinds` leaves out included. */
  readonly maxNodes: number;
  /** Steps from the root at most; absent: to the ends. */
  readonly maxDepth?: number;
  /** Only these and the root are given; the others are walked through, and edges then go between what is left. */
  readonly kinds?: readonly string[];
}

/** Edges that end (`up`) or begin (`down`) at any of the nodes, in a fixed order, at most `limit` of them. */
export type EdgesAt = (nodes: readonly LineageNode[], side: 'up' | 'down', limit: number) => Promise<LineageEdge[]>;

/** What a node becomes when the thing behind it gets another name. */
export interface NodeMove {
  readonly from: LineageNode;
  readonly to: LineageNode;
}
