import type { ChildProcess } from 'node:child_process';

/** Messages of node:cluster between a leader and its members, as far as they are read here. */
interface ClusterMessage {
  readonly cmd?: string;
  readonly act?: string;
  readonly seq?: number;
  readonly ack?: number;
}

/**
 * node:cluster hands a connection to a member and forgets it until the member says that it has taken it. One that dies before that
 * never says so, and the client would wait for ever on an open connection that nobody reads (Node 20 to 24). So when the channel
 * of a member ends, it is taken for having refused whatever it has not answered: another one gets it then.
 */
export function giveBackConnections(member: ChildProcess): void {
  const handed = new Set<number>();
  const send = member.send.bind(member) as (...given: unknown[]) => boolean;
  member.send = (...given: unknown[]): boolean => {
    const { cmd, act, seq } = (given[0] ?? {}) as ClusterMessage;
    if (cmd === 'NODE_CLUSTER' && act === 'newconn' && seq !== undefined) handed.add(seq);
    return send(...given);
  };
  member.on('internalMessage', ({ ack }: ClusterMessage) => {
    if (ack !== undefined) handed.delete(ack);
  });
  // After the last message that it had sent.
  member.once('disconnect', () => {
    for (const ack of [...handed]) member.emit('internalMessage', { cmd: 'NODE_CLUSTER', ack, accepted: false });
  });
}
