import type { ChildProcess } from 'node:child_process';

/** Messages of node:cluster between a leader and its members, as far as they are read here. */
interface ClusterMessage {
  readonly cmd?: string;
  readonly act?: string;
  readonly seq?: number;
  readonly ack?: number;
}

/** Long enough to read what a member had sent before it died: it lies in this process's buffers. */
const READ_MS = 50;

interface Handle {
  close(): void;
}

/**
 * node:cluster hands a connection to a member and forgets it until the member says that it has taken it. One that dies before that
 * never says so, and the client would wait for ever on an open connection that nobody reads (Node 20 to 24). So when the channel
 * of a member ends, it is taken for having refused whatever it has not answered: another one gets it then. Where there is no other
 * one, the connection is closed.
 */
export function giveBackConnections(member: ChildProcess, othersAnswer: () => boolean): void {
  const handed = new Map<number, Handle | undefined>();
  const send = member.send.bind(member) as (...given: unknown[]) => boolean;
  member.send = (...given: unknown[]): boolean => {
    const { cmd, act, seq } = (given[0] ?? {}) as ClusterMessage;
    if (cmd === 'NODE_CLUSTER' && act === 'newconn' && seq !== undefined)
      handed.set(seq, given[1] as Handle | undefined);
    return send(...given);
  };
  member.on('internalMessage', ({ ack }: ClusterMessage) => {
    if (ack !== undefined) handed.delete(ack);
  });
  const giveBack = () => {
    for (const [ack, handle] of [...handed]) {
      handed.delete(ack);
      if (othersAnswer()) member.emit('internalMessage', { cmd: 'NODE_CLUSTER', ack, accepted: false });
      else handle?.close();
    }
  };
  // After the last message that it had sent. With a connection under way this event may never come, so the exit counts too.
  member.once('disconnect', giveBack);
  member.once('exit', () => setTimeout(giveBack, READ_MS));
}
