import type { Actor } from '@fairlead/kernel';
import { hashSecret, isSameHash, makeToken, type TokenParts } from './token-secret.js';

export interface LentToken {
  /** Goes into the environment of the program that shall act. */
  readonly token: string;
  /** From now on it opens nothing. */
  takeBack(): void;
}

/**
 * Tokens for programs that this process starts itself, for example the command of a step: they live in memory only, end
 * with the program, and never outlive the process. They need no row in the database and no event: what is done with them
 * stands in the ledger under the actor they were lent for.
 */
export class LentTokens {
  readonly #pepper: Buffer;
  readonly #lent = new Map<string, { readonly hash: string; readonly actor: Actor }>();

  constructor(pepper: Buffer) {
    this.#pepper = pepper;
  }

  lend(actor: Actor): LentToken {
    const { id, secret, token } = makeToken();
    this.#lent.set(id, { hash: hashSecret({ id, secret }, this.#pepper), actor });
    return { token, takeBack: () => this.#lent.delete(id) };
  }

  actorOf(parts: TokenParts): Actor | undefined {
    const found = this.#lent.get(parts.id);
    return isSameHash(hashSecret(parts, this.#pepper), found?.hash) ? found?.actor : undefined;
  }
}
