// @ts-check
// 4: the days of 2015 through the endpoint; each day's truth arrives a day later.
import { must } from './story.mjs';
import { daysOf, toRequestRow } from './weather.mjs';

/**
 * @typedef {import('./build-steps.mjs').Client} Client
 * @param {import('./story.mjs').Story} story @param {Client} client @param {import('./build-steps.mjs').People} people
 */
export async function liveSteps(story, client, { dana }) {
  story.chapter('4  Live');
  const days = daysOf('Seattle', '2015-01-01', '2016-01-01');
  await story.step('The days of 2015 are predicted', async () => {
    const { right, scored } = await liveDays(client, dana, days);
    return {
      value: null,
      say: `${days.length} requests, ${scored} truths a day late, accuracy ${(right / scored).toFixed(3)}`,
      facts: { requests: days.length, scored, accuracy: right / scored },
    };
  });
  await story.step('Accuracy over time', async () => {
    const { items } = await client.endpoints.performance('rain', { rows: 91 });
    must(items.length >= 4, `expected four quarters, got ${items.length}`);
    const quarters = items.map((window) => window.accuracy?.estimate.toFixed(2) ?? '–');
    return { value: null, say: `by 91 days: ${quarters.join('  ')}`, facts: { windows: items } };
  });
  await story.step('No drift in its own city', async () => {
    const { items } = await client.monitors.reports('rain', { limit: 100 });
    const drifted = items.filter((report) => report.driftVerdict === 'drift');
    const checks = `${items.length} checks of 60 days against the same season, ${drifted.length} with drift`;
    return { value: null, say: checks, facts: { checks: items.length, drifted: drifted.length } };
  });
}

const CHECK_EVERY_DAYS = 30;

/**
 * One request a day. In the evening of the next day the port knows whether it rained, and posts it.
 * @param {Client} client @param {Client} dana @param {import('./weather.mjs').Day[]} days
 */
export async function liveDays(client, dana, days) {
  let right = 0;
  let scored = 0;
  let sent = 0;
  /** @type {{id: string, label: string} | null} */
  let yesterday = null;
  for (const day of days) {
    const rained = String(day.precipitation > 0);
    if (yesterday !== null) {
      await dana.truths.post('rain', [{ id: yesterday.id, label: rained }]);
      right += yesterday.label === rained ? 1 : 0;
      scored += 1;
    }
    const id = `${day.location}/${day.date}`;
    const answer = await client.endpoints.predict('rain', { rows: [toRequestRow(day)], ids: [id], routeKey: id });
    yesterday = { id, label: answer.predictions[0]?.label ?? '' };
    sent += 1;
    if (sent % CHECK_EVERY_DAYS === 0) await client.monitors.check('rain');
  }
  return { right, scored };
}
