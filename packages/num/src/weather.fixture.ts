import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A day of the NOAA weather file in vega-datasets, with whether it rained (precipitation > 0) the next day. */
export interface WeatherDay {
  readonly date: string;
  readonly precipitation: number;
  readonly temp_max: number;
  readonly temp_min: number;
  readonly wind: number;
  readonly weather: string;
  readonly wet: boolean;
  readonly wetTomorrow: boolean;
}

/** Days of one city with a known tomorrow, in order of date. */
export function weatherDays(city: 'Seattle' | 'New York'): WeatherDay[] {
  const entry = createRequire(import.meta.url).resolve('vega-datasets');
  const text = readFileSync(join(dirname(entry), '../data/weather.csv'), 'utf8');
  const days = text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','))
    .filter(([location]) => location === city)
    .map(([, date, rain, high, low, wind, weather]) => ({
      date,
      precipitation: Number(rain),
      temp_max: Number(high),
      temp_min: Number(low),
      wind: Number(wind),
      weather: weather.trim(),
      wet: Number(rain) > 0,
    }));
  return days.slice(0, -1).map((day, i) => ({ ...day, wetTomorrow: days[i + 1].wet }));
}
