/** A time as a list shows it: today's by the clock, else by the day. */
import { computed } from '../html.mjs';
import { clock, language } from '../i18n.mjs';

const DAY = 86_400_000;

/** Made once for a language: making one takes longer than the rest of a row. */
const formats = computed(() => ({
  week: new Intl.DateTimeFormat(language.value, { weekday: 'short' }),
  year: new Intl.DateTimeFormat(language.value, { day: 'numeric', month: 'short' }),
  ever: new Intl.DateTimeFormat(language.value, { day: 'numeric', month: 'numeric', year: '2-digit' }),
}));

/**
 * @param {number} seconds
 * @param {number} [now] in milliseconds
 */
export function shortTime(seconds, now = Date.now()) {
  if (!seconds) return '';
  const then = new Date(seconds * 1000);
  if (then.toDateString() === new Date(now).toDateString()) return clock(seconds);
  return formOf(now - then.getTime()).format(then);
}

/** @param {number} age */
function formOf(age) {
  if (age < 6 * DAY) return formats.value.week;
  return age < 300 * DAY ? formats.value.year : formats.value.ever;
}
