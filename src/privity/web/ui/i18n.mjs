/**
 * Words, plurals, numbers, times and sizes in the language of the person.
 *
 * A catalogue is `locale/LANGUAGE.json`: a flat object of keys. A value is a text with
 * `{names}` in it, or an object of the plural forms that `Intl.PluralRules` names for the
 * language, chosen by the value `count`. Text that a person wrote is set between
 * isolating marks, so that its direction can't turn the sentence around it.
 */
import { signal } from '@preact/signals';
import { number, pluralForm } from './i18n/formats.mjs';
import { isolate } from './i18n/isolate.mjs';
import { LANGUAGES, PSEUDO, direction, language } from './i18n/language.mjs';
import { disguise } from './i18n/pseudo.mjs';

export { clock, day, duration, list, moment, number, size, span } from './i18n/formats.mjs';
export { isolate } from './i18n/isolate.mjs';
export { LANGUAGES, PSEUDO, direction, language } from './i18n/language.mjs';

/**
 * @typedef {string | Record<string, string>} Entry
 * @typedef {Record<string, Entry>} Catalogue
 * @typedef {string | number} Value
 */

/** @type {Catalogue} */
const NONE = {};
const catalogue = signal(NONE);

/** What was chosen: a language, or `auto` for that of the browser. */
export const chosen = signal('auto');

/**
 * Show everything in a language. Nothing changes if it can't be read.
 * @param {string} code a language, or `auto`
 */
export async function choose(code) {
  const wanted = code === 'auto' ? preferred(navigator.languages) : code;
  const words = await read(wanted);
  catalogue.value = words;
  language.value = wanted;
  chosen.value = code;
  document.documentElement.lang = wanted;
  document.documentElement.dir = direction.value;
}

/**
 * Show everything in a language, or in English if that can't be read.
 * @param {string} code
 */
export async function begin(code = 'auto') {
  await choose(code).catch(() => choose('en'));
}

/**
 * Say something.
 * @param {string} key
 * @param {Record<string, Value>} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
  return pieces(key, values)
    .map((piece) => (typeof piece === 'string' ? piece : shown(values[piece.name])))
    .join('');
}

/**
 * Say something that has elements in it; returns children for a template.
 * @param {string} key
 * @param {Record<string, any>} values
 * @returns {any[]}
 */
export function tx(key, values) {
  return pieces(key, values).map((piece) => {
    if (typeof piece === 'string') return piece;
    const value = values[piece.name];
    return typeof value === 'object' ? value : shown(value);
  });
}

/**
 * Whether there is a word for it in this language.
 * @param {string} key
 */
export function knows(key) {
  return Object.hasOwn(catalogue.value, key);
}

/** @param {Value | undefined} value */
function shown(value) {
  if (typeof value === 'number') return number(value);
  return value ? isolate(value) : '';
}

/**
 * @param {string} key
 * @param {Record<string, any>} values
 * @returns {(string | {name: string})[]}
 */
function pieces(key, values) {
  const entry = Object.hasOwn(catalogue.value, key) ? catalogue.value[key] : key;
  const text = typeof entry === 'string' ? entry : form(entry, values.count ?? 0);
  return text.split(/(\{\w+\})/u).map((part) => {
    const name = /^\{(\w+)\}$/u.exec(part)?.[1];
    return name === undefined ? part : { name };
  });
}

/**
 * @param {Record<string, string>} forms
 * @param {number} count
 */
function form(forms, count) {
  return forms[pluralForm(count)] ?? forms.other;
}

/**
 * @param {string} code
 * @returns {Promise<Catalogue>}
 */
async function read(code) {
  const path = `/locale/${code === PSEUDO ? 'en' : code}.json`;
  const answer = await fetch(path, { integrity: pinned(path) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  const words = await answer.json();
  return code === PSEUDO ? disguise(words) : words;
}

/**
 * The digest that the import map fixes for a file of ours; the browser refuses another.
 * @param {string} path
 */
function pinned(path) {
  const map = document.querySelector('script[type=importmap]')?.textContent;
  return (map && JSON.parse(map).integrity?.[path]) ?? '';
}

/** @param {readonly string[]} wishes */
function preferred(wishes) {
  const known = LANGUAGES.map(({ code }) => code);
  const found = wishes.map((wish) => wish.split('-')[0]).find((wish) => known.includes(wish));
  return found ?? 'en';
}
