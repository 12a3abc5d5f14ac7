import { fromWire, toWire, type WireError } from '../compute/index.js';

type Message =
  | { readonly kind: 'ask'; readonly id: number; readonly request: unknown }
  | { readonly kind: 'done'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly error: WireError };

interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** One end of a channel on which both sides ask and answer. Errors keep their code on the way. */
export class Exchange {
  readonly #send: (message: Message) => void;
  readonly #answer: (request: unknown) => unknown;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;
  #lost: Error | undefined;

  constructor(send: (message: Message) => void, answer: (request: unknown) => unknown) {
    this.#send = send;
    this.#answer = answer;
  }

  ask(request: unknown): Promise<unknown> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#send({ kind: 'ask', id, request });
    });
  }

  /** Gives a message of the other side to whom it concerns. */
  receive(message: Message): void {
    if (message.kind === 'ask') {
      void this.#reply(message);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.kind === 'done') waiting?.resolve(message.value);
    else waiting?.reject(fromWire(message.error));
  }

  /** The other side is gone. */
  lose(error: Error): void {
    this.#lost = error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  async #reply({ id, request }: { id: number; request: unknown }): Promise<void> {
    try {
      this.#send({ kind: 'done', id, value: await this.#answer(request) });
    } catch (error) {
      this.#send({ kind: 'failed', id, error: toWire(error) });
    }
  }
}

export type { Message };
