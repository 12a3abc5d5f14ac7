import { type Static, Type } from 'typebox';

const nodeMembers = { kind: Type.String(), id: Type.String() };
export const LineageNodeSchema = Type.Object(nodeMembers, {
  description: 'A source, dataset-version, split, run, model-version, deployment, report …',
});

const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T, description: string) =>
  Type.Union([schema, Type.Null()], { description });

export const DescribedNodeSchema = Type.Object(
  {
    ...nodeMembers,
    name: Type.String({ description: 'What people call it.' }),
    distance: Type.Integer({ description: 'Steps from the root by the shortest way.' }),
    atMs: orNull(Type.Integer(), 'When it came to be, where that is known.'),
    digest: orNull(Type.String(), 'The digest of its bytes, where it has one.'),
    link: orNull(Type.String(), 'Its own address on this server, where it has one.'),
    known: Type.Boolean({ description: 'False for what edges name and no room knows (any more).' }),
    purgedAtMs: orNull(Type.Integer(), 'When it was removed for good, where that is so.'),
  },
  { description: 'A node of the graph with what its room says about it.' },
);
export type DescribedNodeView = Static<typeof DescribedNodeSchema>;

export const LineageGraphSchema = Type.Object(
  {
    root: LineageNodeSchema,
    nodes: Type.Array(DescribedNodeSchema),
    edges: Type.Array(Type.Object({ from: LineageNodeSchema, to: LineageNodeSchema, relation: Type.String() })),
    truncated: Type.Boolean({ description: 'True when there is more than is given.' }),
    cutOff: Type.Array(Type.Enum(['max-nodes', 'max-depth']), { description: 'Which limits ended the walk.' }),
  },
  { description: 'What something was made from, and what was made from it.' },
);
export type LineageGraphView = Static<typeof LineageGraphSchema>;

export const LineageReceivedSchema = Type.Object(
  {
    received: Type.Integer(),
    stored: Type.Integer({ description: 'Those that were not there yet.' }),
  },
  { description: 'What became of the events that were sent.' },
);
export type LineageReceivedView = Static<typeof LineageReceivedSchema>;

const LineageEventSchema = Type.Object(
  {
    id: Type.String({ description: 'sha256 of its canonical JSON.' }),
    receivedAtMs: Type.Integer(),
    event: Type.Object({}, { additionalProperties: true, description: 'The event as it came.' }),
  },
  { description: 'An OpenLineage event of another system.' },
);
export type LineageEventView = Static<typeof LineageEventSchema>;

export const LineageEventsSchema = Type.Object({
  items: Type.Array(LineageEventSchema),
  nextPageToken: Type.Union([Type.String(), Type.Null()]),
});
