// @ts-check
import { readFileSync } from 'node:fs';

/**
 * @typedef {{location: string, date: string, precipitation: number, temp_max: number, temp_min: number, wind: number, weather: string}} Day
 */

// The package does not export its data files by name, and it stands where npm put it: at the root of the workspace.
const file = new URL('../../../node_modules/vega-datasets/data/weather.csv', import.meta.url);
const csvText = readFileSync(file, 'utf8');

/** @type {Day[]} */
const days = csvText
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => {
    const [location = '', date = '', precipitation, tempMax, tempMin, wind, weather = ''] = line.split(',');
    return {
      location,
      date,
      precipitation: Number(precipitation),
      temp_max: Number(tempMax),
      temp_min: Number(tempMin),
      wind: Number(wind),
      weather,
    };
  });

/** The days of a city within half-open dates, oldest first. @param {string} location @param {string} from @param {string} until */
export function daysOf(location, from, until) {
  return days.filter((day) => day.location === location && day.date >= from && day.date < until);
}

/** A delivery of the same rows with the damage that real deliveries have. @returns {{csv: string, damaged: number}} */
export function damagedDelivery() {
  const rows = daysOf('Seattle', '2012-01-01', '2015-01-01').map((day) => Object.values(day).map(String));
  let damaged = 0;
  for (const [i, row] of rows.entries()) {
    if (i % 10 !== 3) continue;
    const kind = damaged % 4;
    if (kind === 0) row[2] = '';
    if (kind === 1) row[3] = 'warm';
    if (kind === 2) row[4] = '-273.5';
    if (kind === 3) row[1] = rows[i - 1]?.[1] ?? '';
    damaged += 1;
  }
  const csv = ['location,date,precipitation,temp_max,temp_min,wind,weather', ...rows.map((row) => row.join(','))].join(
    '\n',
  );
  return { csv, damaged };
}

/** What the port knows in the evening of a day, as the endpoint takes it. @param {Day} day */
export function toRequestRow(day) {
  return { ...day, raining: day.precipitation > 0 };
}
