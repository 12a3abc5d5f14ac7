import type { Message } from 'kafkajs';

interface Waiting {
  readonly message: Message;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Messages to one topic that are handed over in the same turn of the event loop leave in one request: one each would wait for one
 * another in the broker. If the request fails all of them have failed, although some partitions may have stored theirs.
 */
export function publishTogether(
  send: (topic: string, messages: Message[]) => Promise<unknown>,
): (topic: string, message: Message) => Promise<void> {
  const waiting = new Map<string, Waiting[]>();
  const flush = async (topic: string): Promise<void> => {
    const batch = waiting.get(topic) ?? [];
    waiting.delete(topic);
    try {
      await send(
        topic,
        batch.map(({ message }) => message),
      );
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  };
  return (topic, message) =>
    new Promise((resolve, reject) => {
      const one = { message, resolve, reject };
      const batch = waiting.get(topic);
      if (batch !== undefined) {
        batch.push(one);
        return;
      }
      waiting.set(topic, [one]);
      setImmediate(() => void flush(topic));
    });
}
