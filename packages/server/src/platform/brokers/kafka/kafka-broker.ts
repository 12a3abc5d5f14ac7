import type { Admin, EachBatchPayload, IHeaders, KafkaMessage } from 'kafkajs';
import { brokerErrors } from '../broker-errors.js';
import type { BrokerConnection, BrokerSource, OpenBroker } from '../broker-types.js';
import { commitInTurn } from './commit-in-turn.js';
import { createKafkaClients, type KafkaClients } from './kafka-client.js';
import { kafkaFault } from './kafka-faults.js';
import { type KafkaRecord, PartitionIntake } from './partition-intake.js';
import { publishTogether } from './publish-together.js';

/** The header by which a sender names a message. Keys are no names: they choose the partition, and many messages have the same. */
const ID_HEADER = 'Fairlead-Id';
const HEARTBEAT_EVERY_MS = 500;

/**
 * Kafka through a consumer group. Everything is acknowledged by offset, so a window per partition holds back what was acknowledged
 * out of order. A partition that is given to another member is read there from its committed offset; what was under way here then
 * comes twice, and nothing is left out.
 */
export const openKafkaBroker: OpenBroker = async (source) => {
  const clients = createKafkaClients(source.address, source.consumer);
  try {
    await connect(clients, source);
    return await consume(clients, source);
  } catch (error) {
    await disconnect(clients);
    throw error;
  }
};

async function connect({ admin, producer, consumer }: KafkaClients, source: BrokerSource): Promise<void> {
  const { name } = source.address;
  // One after the other: with a wrong password the broker is to see one attempt, not three.
  for (const client of [admin, producer, consumer]) {
    await client.connect().catch((cause) => {
      throw kafkaFault(cause, `${name} cannot be reached`);
    });
  }
  for (const topic of new Set([source.stream, ...source.targets])) {
    await admin.fetchTopicMetadata({ topics: [topic] }).catch((cause) => {
      throw kafkaFault(cause, `Topic ${topic} of ${name} cannot be used`);
    });
  }
}

async function consume(clients: KafkaClients, source: BrokerSource): Promise<BrokerConnection> {
  const { consumer, producer, admin } = clients;
  const { stream: topic, consumer: group, maxInFlight, address } = source;
  const intake = new PartitionIntake({ topic, maxInFlight, onProgress: () => commits.soon() });
  const commits = commitInTurn(intake, (marks) =>
    consumer.commitOffsets(marks.map(([partition, offset]) => ({ topic, partition, offset: String(offset) }))),
  );
  const failed = (cause: unknown) => intake.end(kafkaFault(cause, `Nothing more comes from ${topic}`));
  consumer.on(consumer.events.GROUP_JOIN, () => {
    intake.assign();
    commits.forget();
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => failed(payload.error));
  await consumer.subscribe({ topics: [topic], fromBeginning: true }).catch((cause) => {
    throw kafkaFault(cause, `Topic ${topic} of ${address.name} cannot be read`);
  });
  // Not awaited: to join may take as long as a member that was killed is still believed to be there.
  const running = consumer
    .run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: (batch) => takeBatch(intake, batch) })
    .catch(failed);
  const send = publishTogether((to, messages) => producer.send({ topic: to, messages, acks: -1 }));
  return {
    next: (max) => intake.take(max),
    stopTaking: async () => intake.end(),
    publish: async (to, { id, key, data, headers }) => {
      const sent = {
        key: key === null ? id : Buffer.from(key),
        value: data === null ? null : Buffer.from(data),
        headers,
      };
      await send(to, sent).catch((cause) => {
        const fault = kafkaFault(cause, `${to} has not taken a message`);
        // Whatever else it is: what the caller has to know is that it is not stored.
        throw fault.code === 'BRK_UNAUTHORISED' ? fault : brokerErrors.BRK_NOT_STORED(fault.message, { cause });
      });
    },
    lag: () => lagOf(admin, { group, topic }),
    close: async () => {
      intake.end();
      await commits.settled();
      await disconnect(clients);
      await running;
    },
  };
}

/** Hands over what has been fetched as there is room for it, and says meanwhile that this member is alive. */
async function takeBatch(
  intake: PartitionIntake,
  { batch, resolveOffset, heartbeat }: EachBatchPayload,
): Promise<void> {
  const { assignment } = intake;
  for (const message of batch.messages) {
    while (!intake.hasRoom && !intake.ended && intake.assignment === assignment) {
      await Promise.race([intake.change(), pause(HEARTBEAT_EVERY_MS)]);
      await heartbeat();
    }
    if (intake.ended || intake.assignment !== assignment) return;
    intake.add(recordOf(batch.partition, message));
    resolveOffset(message.offset);
  }
}

function recordOf(partition: number, { offset, key, value, headers }: KafkaMessage): KafkaRecord {
  const id = textOf(headers?.[ID_HEADER]);
  return { partition, offset: BigInt(offset), key, value, id: id === '' ? undefined : id };
}

function textOf(header: IHeaders[string]): string {
  const first = Array.isArray(header) ? header[0] : header;
  return first === undefined ? '' : first.toString();
}

/** Messages behind the last committed offsets, of all partitions; with records that transactions left, which nobody reads. */
async function lagOf(admin: Admin, { group, topic }: { group: string; topic: string }): Promise<number> {
  const [ends, groups] = await Promise.all([
    admin.fetchTopicOffsets(topic),
    admin.fetchOffsets({ groupId: group, topics: [topic] }),
  ]);
  const committed = new Map(groups[0]?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
  return ends.reduce((sum, { partition, high, low }) => {
    const at = committed.get(partition) ?? -1n;
    const from = at < BigInt(low) ? BigInt(low) : at;
    return sum + Number(BigInt(high) - from);
  }, 0);
}

async function disconnect({ admin, producer, consumer }: KafkaClients): Promise<void> {
  await Promise.allSettled([consumer.disconnect(), producer.disconnect(), admin.disconnect()]);
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
