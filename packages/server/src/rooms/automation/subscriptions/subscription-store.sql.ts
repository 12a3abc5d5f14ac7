import type { StoredSubscription, SubscriptionStore } from './subscription-store.js';
import type { Topic } from './subscription-types.js';

interface Row {
  id: string;
  name: string;
  description: string;
  url: string;
  topics: string;
  active: number;
  secret: string | null;
  created_at_ms: number;
  updated_at_ms: number;
}

interface Tables {
  automation_subscription: Row;
}

export const sqlSubscriptionStore: SubscriptionStore = {
  put: async (tx, subscription) => {
    const { id, name, description, url, topics, active, sealedSecret, createdAtMs, updatedAtMs } = subscription;
    const facts = {
      name,
      description,
      url,
      topics: JSON.stringify(topics),
      active: active ? 1 : 0,
      secret: sealedSecret,
    };
    const row = { id, ...facts, created_at_ms: createdAtMs, updated_at_ms: updatedAtMs };
    await tx
      .sql<Tables>()
      .insertInto('automation_subscription')
      .values(row)
      .onConflict((c) => c.column('id').doUpdateSet({ ...facts, updated_at_ms: updatedAtMs }))
      .execute();
  },
  remove: async (tx, id) => {
    const query = tx.sql<Tables>().deleteFrom('automation_subscription').where('id', '=', id);
    return (await query.returning('id').executeTakeFirst()) !== undefined;
  },
  get: async (reader, id) => {
    const query = reader.sql<Tables>().selectFrom('automation_subscription').selectAll().where('id', '=', id);
    const row = await query.executeTakeFirst();
    return row && toSubscription(row);
  },
  list: async (reader, { limit, afterId }) => {
    let query = reader.sql<Tables>().selectFrom('automation_subscription').selectAll();
    if (afterId !== undefined) query = query.where('id', '<', afterId);
    return (await query.orderBy('id', 'desc').limit(limit).execute()).map(toSubscription);
  },
  listening: async (reader, topic) => {
    const query = reader.sql<Tables>().selectFrom('automation_subscription').selectAll().where('active', '=', 1);
    return (await query.orderBy('id').execute()).map(toSubscription).filter(({ topics }) => topics.includes(topic));
  },
};

function toSubscription(row: Row): StoredSubscription {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    url: row.url,
    topics: JSON.parse(row.topics) as Topic[],
    active: row.active === 1,
    sealedSecret: row.secret,
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
  };
}
