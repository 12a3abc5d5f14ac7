import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Row, type Table, tableFromRows } from '@fairlead/frame';

/** NOAA's days of one city in vega-datasets, with whether it rained on the next day. */
export function weatherRows(city: 'Seattle' | 'New York', years: { from: string; until: string }): Row[] {
  const entry = createRequire(import.meta.url).resolve('vega-datasets');
  const lines = readFileSync(join(dirname(entry), '../data/weather.csv'), 'utf8')
    .trim()
    .split('\n')
    .slice(1);
  const days = lines
    .map((line) => line.trim().split(','))
    .filter(([location]) => location === city)
    .map(([location = '', date = '', rain, high, low, wind, weather = '']) => ({
      location,
      date: Date.parse(date),
      precipitation: Number(rain),
      temp_max: Number(high),
      temp_min: Number(low),
      wind: Number(wind),
      weather,
      wet: Number(rain) > 0,
    }));
  return days
    .slice(0, -1)
    .map((day, i) => ({ ...day, rain_tomorrow: days[i + 1]?.wet ?? null }))
    .filter(({ date }) => date >= Date.parse(years.from) && date < Date.parse(years.until));
}

export function weatherTable(rows: readonly Row[]): Table {
  return tableFromRows(rows, [
    { name: 'location', kind: 'string' },
    { name: 'date', kind: 'timestamp' },
    { name: 'precipitation', kind: 'float64' },
    { name: 'temp_max', kind: 'float64' },
    { name: 'temp_min', kind: 'float64' },
    { name: 'wind', kind: 'float64' },
    { name: 'weather', kind: 'string' },
    { name: 'wet', kind: 'boolean' },
    { name: 'rain_tomorrow', kind: 'boolean' },
  ]);
}

export const seattle = () => weatherTable(weatherRows('Seattle', { from: '2012-01-01', until: '2015-01-01' }));
