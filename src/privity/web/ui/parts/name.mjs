/**
 * Words that somebody else chose: names, titles, names of files.
 *
 * They stand apart from the direction of the sentence, on one line, and can't climb out
 * of it: marks that turn letters around are dropped, and so are piles of accents.
 */
import { html } from '../html.mjs';

const TURNING = /[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/gu;
const INVISIBLE = /[\p{Cc}\u200b\u2060\ufeff\u{e0000}-\u{e007f}]+/gu;
/** Accents in a row that a letter of a living script may carry. */
const PILE = /(\p{M}{4})\p{M}+/gu;
const LONGEST = 120;

/**
 * @param {string} text
 * @returns {string} on one line, without what harms; "…" where nothing is left
 */
export function calm(text) {
  return cut(plain(text.slice(0, LONGEST * 8))) || '…';
}

/** @param {string} text */
function plain(text) {
  return text.replace(TURNING, '').replace(INVISIBLE, ' ').replace(PILE, '$1').trim();
}

/** @param {string} words */
function cut(words) {
  const letters = [...words];
  return letters.length > LONGEST ? `${letters.slice(0, LONGEST).join('')}…` : words;
}

/**
 * The name of a file. What a system does with it stands at its end, so the end is seen
 * however long the name is and however narrow its place.
 * @param {{text: string}} props
 */
export function FileName({ text }) {
  const words = plain(text.slice(-LONGEST * 8));
  const ending = /[^.\s]\s*(\.[^.\s]{1,12})$/u.exec(words)?.[1] ?? '';
  const stem = cut(words.slice(0, words.length - ending.length).trim()) || '…';
  return html`<span class="file-name" dir="auto"><span class="name">${stem}</span>${ending && html`<span>${ending}</span>`}</span>`;
}

/** @param {{text: string, class?: string}} props */
export function Name({ text, class: extra = '' }) {
  return html`<bdi class="name ${extra}">${calm(text)}</bdi>`;
}
