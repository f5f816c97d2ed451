/** Numbers, times and sizes as the language writes them. */
import { computed } from '@preact/signals';
import { isolate } from './isolate.mjs';
import { PSEUDO, language } from './language.mjs';

const formats = computed(() => makeFormats(language.value));

/** @param {number} value */
export function number(value) {
  return formats.value.number.format(value);
}

/**
 * A size as people read it: `0 byte`, `4.2 MB`.
 * @param {number} bytes
 */
export function size(bytes) {
  const step = bytes < 1000 ? 0 : Math.min(3, Math.floor(Math.log10(bytes) / 3));
  return formats.value.sizes[step].format(bytes / 1000 ** step);
}

/**
 * The time of day of a Unix second.
 * @param {number} seconds
 */
export function clock(seconds) {
  return formats.value.clock.format(seconds * 1000);
}

/**
 * A day in words: today, yesterday, or its date.
 * @param {number} seconds
 * @param {number} [now] in milliseconds
 */
export function day(seconds, now = Date.now()) {
  const back = daysBetween(seconds * 1000, now);
  const { relative, weekday, date } = formats.value;
  if (back === 0 || back === 1) return relative.format(-back, 'day');
  return (back > 1 && back < 7 ? weekday : date).format(seconds * 1000);
}

/**
 * Day and time of a Unix second, at full length.
 * @param {number} seconds
 */
export function moment(seconds) {
  return formats.value.moment.format(seconds * 1000);
}

/**
 * A length of time: `0:07`, `1:02:33`.
 * @param {number} seconds
 */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = formats.value.two;
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map((part) => two.format(part));
  const hours = Math.floor(whole / 3600);
  const minutes = hours ? parts[0] : number(Math.floor(whole / 60));
  return [...(hours ? [number(hours)] : []), minutes, parts[1]].join(':');
}

/** Seconds of what a span of time is said in, the longest first. @type {readonly [number, Intl.RelativeTimeFormatUnit & string][]} */
const SPANS = [
  [604_800, 'week'],
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
];

/**
 * A span of time in words: `4 weeks`, `1 day`, `90 minutes`.
 * @param {number} seconds
 */
export function span(seconds) {
  const [length, unit] = SPANS.find(([one]) => seconds >= one && seconds % one === 0) ?? SPANS[4];
  return formats.value.span(unit).format(seconds / length);
}

/**
 * Several names in a row, each in its own direction.
 * @param {string[]} names
 */
export function list(names) {
  return formats.value.list.format(names.map(isolate));
}

/**
 * The plural form of a count.
 * @param {number} count
 */
export function pluralForm(count) {
  return formats.value.plural.select(count);
}

/**
 * @param {number} then
 * @param {number} now
 */
function daysBetween(then, now) {
  const [from, to] = [new Date(then), new Date(now)].map((date) =>
    Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()),
  );
  return Math.round((to - from) / 86_400_000);
}

/** @param {string} code */
function makeFormats(code) {
  const tag = code === PSEUDO ? 'en' : code;
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'];
  return {
    number: new Intl.NumberFormat(tag),
    two: new Intl.NumberFormat(tag, { minimumIntegerDigits: 2 }),
    plural: new Intl.PluralRules(tag),
    list: new Intl.ListFormat(tag, { type: 'conjunction' }),
    relative: new Intl.RelativeTimeFormat(tag, { numeric: 'auto' }),
    span: (/** @type {string} */ unit) => new Intl.NumberFormat(tag, { style: 'unit', unit, unitDisplay: 'long' }),
    clock: new Intl.DateTimeFormat(tag, { hour: 'numeric', minute: '2-digit' }),
    weekday: new Intl.DateTimeFormat(tag, { weekday: 'long' }),
    date: new Intl.DateTimeFormat(tag, { dateStyle: 'long' }),
    moment: new Intl.DateTimeFormat(tag, { dateStyle: 'full', timeStyle: 'short' }),
    sizes: units.map(
      (unit) =>
        new Intl.NumberFormat(tag, {
          style: 'unit',
          unit,
          unitDisplay: unit === 'byte' ? 'long' : 'short',
          maximumFractionDigits: 1,
        }),
    ),
  };
}
