const LOCALE = 'en';
const wholeNumbers = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const timeOfDay = new Intl.DateTimeFormat(LOCALE, { hour12: false, timeStyle: 'medium' });

export const NOTHING = '–';

export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? NOTHING : wholeNumbers.format(value);
}

/** Such as `0.42 ms`, `18 ms` or `1.2 s`. */
export function duration(millis: number | null | undefined): string {
  if (millis === null || millis === undefined) {
    return NOTHING;
  }
  if (millis >= 60_000) {
    return `${Math.floor(millis / 60_000)} min ${Math.floor((millis % 60_000) / 1000)} s`;
  }
  if (millis >= 1000) {
    return `${(millis / 1000).toFixed(1)} s`;
  }
  return `${millis < 10 ? Number(millis.toFixed(1)) : Math.round(millis)} ms`;
}

/** The time of day, such as `14:03:07.512`. */
export function clockTime(millis: number): string {
  const fraction = String(Math.floor(((millis % 1000) + 1000) % 1000)).padStart(3, '0');
  return `${timeOfDay.format(millis)}.${fraction}`;
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Node 1 is client A of the drawing. */
export function clientLetter(node: number): string {
  return node >= 1 && node <= 26 ? String.fromCharCode(64 + node) : String(node);
}

export const SERVER_TITLES = {
  zookeeper: 'ZooKeeper',
  redis: 'Redis',
  postgres: 'PostgreSQL',
} as const;
