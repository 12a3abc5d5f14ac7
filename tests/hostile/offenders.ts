import type { Attempt } from './send-request.js';

/** Wrong answers, one line per operation and kind of fault: how often, and one request that shows it. */
export class Offenders {
  readonly #found = new Map<string, { count: number; example: string }>();

  add(operationId: string, problem: string, { method, path, headers, body }: Attempt): void {
    const kind = `${operationId}: ${problem.replace(/[0-9a-f]{8,}|\d{4,}/g, '…').slice(0, 160)}`;
    const entry = this.#found.get(kind);
    if (entry !== undefined) {
      entry.count += 1;
      return;
    }
    const shownBody = typeof body === 'string' ? body : body && `<${body.length} bytes>`;
    const example = `${method} ${path.slice(0, 200)} ${JSON.stringify(headers).slice(0, 150)} ${shownBody?.slice(0, 400) ?? ''}`;
    this.#found.set(kind, { count: 1, example: `${problem.slice(0, 400)}\n    ${example}` });
  }

  /** The lines so far; the next call begins anew. */
  take(): string[] {
    const lines = [...this.#found].map(([kind, { count, example }]) => `${count}× ${kind}\n    ${example}`);
    this.#found.clear();
    return lines;
  }
}
