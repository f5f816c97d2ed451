/** What happened to a chat, as a sentence in its log. */
import { knows, span, t } from '../i18n.mjs';
import { calm } from '../parts/name.mjs';

/** @typedef {import('../types.mjs').Message} Message */
/** @typedef {import('../types.mjs').Person} Person */

/**
 * The sentence of a line in a log.
 * @param {Message} line
 */
export function sentenceOf(line) {
  const about = line.about ? nameOf(line.about) : '';
  const mine = line.sender.trust === 'me';
  return lineWords({ what: line.what ?? '', text: line.text, who: nameOf(line.sender), mine, about });
}

/** @param {{what: string, text: string, who: string, mine: boolean, about: string}} line */
export function lineWords({ what, text, who, mine, about }) {
  // "You" goes with another form of the verb in most languages.
  const keys = [mine ? `line.${what}_me` : '', `line.${what}`, 'line.other'];
  const key = keys.find(knows) ?? 'line.other';
  if (what === 'timer') return timerWords(Number(text), who, mine);
  return t(key, { who, about: about || t('line.somebody'), text: calm(text) });
}

/**
 * @param {number} seconds
 * @param {string} who
 * @param {boolean} mine
 */
function timerWords(seconds, who, mine) {
  if (!seconds) return mine ? t('line.timer_off_me') : t('line.timer_off', { who });
  return t(mine ? 'line.timer_me' : 'line.timer', { who, text: span(seconds) });
}

/** @param {Person} person */
function nameOf(person) {
  return person.trust === 'me' ? t('trust.me') : calm(person.name);
}
