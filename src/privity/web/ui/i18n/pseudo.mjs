/**
 * English in disguise, for tests and curious eyes.
 *
 * Every letter gets a mark, every text grows by a third and stands in brackets: plain
 * letters on the screen were not translated, a cut bracket shows what is too narrow.
 */

/** @typedef {import('../i18n.mjs').Catalogue} Catalogue */

const PLAIN = 'abcdefghijklmnoprstuwyzABCDEFGHIJKLMNOPRSTUWYZ';
const MARKED = 'áƀçđéƒĝĥíĵķľḿñóƥŕšţúŵýžÁƁÇĐÉƑĜĤÍĴĶĽḾÑÓƤŔŠŢÚŴÝŽ';

/**
 * @param {Catalogue} words
 * @returns {Catalogue}
 */
export function disguise(words) {
  const changed = Object.entries(words).map(([key, entry]) => [
    key,
    typeof entry === 'string'
      ? mask(entry)
      : Object.fromEntries(Object.entries(entry).map(([name, text]) => [name, mask(text)])),
  ]);
  return Object.fromEntries(changed);
}

/** @param {string} text */
function mask(text) {
  const parts = text.split(/(\{\w+\})/u);
  const marked = parts.map((part) => (part.startsWith('{') ? part : letters(part)));
  return `⟦${marked.join('')}${'·'.repeat(Math.ceil(text.length / 3))}⟧`;
}

/** @param {string} text */
function letters(text) {
  return Array.from(text, (letter) => MARKED[PLAIN.indexOf(letter)] ?? letter).join('');
}
