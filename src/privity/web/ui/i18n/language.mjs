/** The languages there are, and the one that is shown. */
import { computed, signal } from '@preact/signals';

/** @typedef {{code: string, name: string, rtl?: boolean}} Language */

/** @type {readonly Language[]} */
export const LANGUAGES = [
  { code: 'en', name: 'English' },
  { code: 'ar', name: 'العربية', rtl: true },
  { code: 'ja', name: '日本語' },
];

/** English in disguise: shows what was not translated, and what is too narrow. */
export const PSEUDO = 'en-XA';

/** The language that is shown. */
export const language = signal('en');

/** `rtl` or `ltr`. */
export const direction = computed(() => (isRTL(language.value) ? 'rtl' : 'ltr'));

/** @param {string} code */
function isRTL(code) {
  return LANGUAGES.some((one) => one.code === code && one.rtl);
}
