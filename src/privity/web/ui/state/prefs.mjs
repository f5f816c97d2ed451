/**
 * What a person chose about this window: its looks, its language, how Enter works.
 *
 * The client keeps it beside the profile, since each start has another address and the
 * browser would forget. This tab keeps a copy, so that a reload does not flash.
 */
import { effect, signal } from '../html.mjs';
import { begin as beginLanguage, choose as chooseLanguage } from '../i18n.mjs';
import { call } from '../rpc.mjs';

/**
 * @typedef {{
 *   theme: 'auto' | 'light' | 'dark', textSize: number, enterSends: boolean,
 *   notifications: boolean, language: string,
 * }} Prefs `textSize` is in percent
 */

/** @type {Prefs} */
export const DEFAULTS = Object.freeze({
  theme: 'auto',
  textSize: 100,
  enterSends: true,
  notifications: false,
  language: 'auto',
});

const STORED = 'privity.prefs';

export const prefs = signal(restored());

/** Something was chosen before there was a profile to keep it with. */
let waiting = false;

/**
 * @template {keyof Prefs} K
 * @param {K} name
 * @param {Prefs[K]} value
 */
export function choose(name, value) {
  waiting = true;
  show({ ...prefs.value, [name]: value });
  keep();
}

/** Let the window look as was chosen. */
export async function beginPrefs() {
  effect(() => {
    const root = document.documentElement;
    root.dataset.theme = prefs.value.theme;
    root.style.setProperty('--text-scale', String(prefs.value.textSize / 100));
  });
  await beginLanguage(prefs.value.language);
}

/**
 * Take what the client has kept, or give it what was chosen meanwhile.
 * @param {boolean} kept whether there is a profile
 */
export async function syncPrefs(kept) {
  if (waiting) {
    await keep();
    waiting = !kept;
  } else {
    await call('ui.prefs').then(show, () => null);
  }
}

async function keep() {
  await call('ui.prefs', { prefs: prefs.value }).catch(() => null);
}

/** @param {Prefs} chosen */
function show(chosen) {
  const before = prefs.value.language;
  prefs.value = { ...DEFAULTS, ...chosen };
  sessionStorage.setItem(STORED, JSON.stringify(prefs.value));
  if (chosen.language !== before) chooseLanguage(chosen.language).catch(() => null);
}

/** @returns {Prefs} */
function restored() {
  try {
    return { ...DEFAULTS, ...JSON.parse(sessionStorage.getItem(STORED) ?? '{}') };
  } catch {
    return DEFAULTS;
  }
}
