// @ts-check
// Tells the steps as they happen and keeps their times and facts for the summary.

/**
 * @typedef {{step: string, ok: boolean, ms: number, say: string, facts: Record<string, unknown>}} Told
 * @typedef {ReturnType<typeof createStory>} Story
 */

const colour = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (/** @type {number} */ code, /** @type {string} */ text) =>
  colour ? `\u001b[${code}m${text}\u001b[0m` : text;

export function createStory() {
  const startedAt = performance.now();
  /** @type {Told[]} */
  const told = [];
  /** @type {string | null} */
  let current = null;
  let currentAt = 0;

  return {
    /** @param {string} title */
    chapter(title) {
      console.log(`\n${paint(1, title)}`);
    },

    /**
     * Runs one step, says what came out, and remembers it.
     * @template T
     * @param {string} step
     * @param {() => Promise<{value: T, say: string, facts?: Record<string, unknown>}>} work
     * @returns {Promise<T>}
     */
    async step(step, work) {
      current = step;
      currentAt = performance.now();
      const { value, say, facts = {} } = await work();
      const ms = performance.now() - currentAt;
      told.push({ step, ok: true, ms, say, facts });
      console.log(`  ${paint(32, '✓')} ${step.padEnd(34)} ${paint(2, seconds(ms).padStart(7))}  ${say}`);
      current = null;
      return value;
    },

    /** @param {unknown} error */
    failed(error) {
      const { code = 'ERROR', message = String(error), remedy } = /** @type {any} */ (error);
      const say = `${code}: ${message}${remedy ? ` — ${remedy}` : ''}`;
      const step = current ?? 'The demonstration';
      told.push({ step, ok: false, ms: performance.now() - currentAt, say, facts: { code, message } });
      console.error(`  ${paint(31, '✗')} ${step.padEnd(34)} ${say}`);
      if (process.env.FAIRLEAD_DEMO_TRACE) console.error(error);
    },

    /** @param {string | null} url */
    summary(url) {
      const ok = told.every((step) => step.ok);
      const ms = performance.now() - startedAt;
      console.log(`\n${paint(1, 'Summary')}\n`);
      const width = Math.max(...told.map((row) => row.step.length));
      for (const row of told) {
        console.log(`  ${row.ok ? '✓' : '✗'} ${row.step.padEnd(width)} ${seconds(row.ms).padStart(8)}  ${row.say}`);
      }
      console.log(`\n  ${ok ? 'Everything worked' : 'Something failed'} in ${seconds(ms)}.`);
      if (ok) {
        // The command line asks port 4600 unless it is told.
        const there = url?.endsWith(':4600') ? '' : ` --url ${url}`;
        console.log(`
  Where to look next
    ${url}/                                              what runs, what was released, open alerts
    ${url}/api/v1/models/rain/versions/latest/report     the report of the live version
    ${url}/api/docs                                      the API
    npx fairlead audit list --limit 20${there}                   who did what
    npx fairlead rollback rain --reason "trying it"${there}      the old version, one command away`);
      }
      return { ok, url, totalMs: Math.round(ms), steps: told.map((row) => ({ ...row, ms: Math.round(row.ms) })) };
    },
  };
}

/** @param {number} ms */
function seconds(ms) {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

/** Throws when a fact of the story is not as it must be. @param {boolean} condition @param {string} message */
export function must(condition, message) {
  if (condition) return;
  throw Object.assign(new Error(message), { code: 'DEMO_UNEXPECTED' });
}
