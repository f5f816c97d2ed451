/** How a chat ends, on one line of the list. */
import { t } from '../i18n.mjs';
import { calm } from '../parts/name.mjs';
import { lineWords } from '../talk/line_words.mjs';
import { stateWord } from '../talk/state_word.mjs';
import { isNote } from './title.mjs';

/** @typedef {import('../types.mjs').Chat} Chat */
/** @typedef {import('../types.mjs').Last} Last */

/**
 * @param {Chat} chat
 * @param {Last} last
 */
export function lastWords(chat, last) {
  const words = wordsOf(last);
  if (last.kind === 'line') return lastLine(last);
  if (isNote(chat)) return words;
  if (last.mine) {
    const waits = last.state === 'failed' || last.state === 'queued';
    return (waits ? `${stateWord(last)}: ` : '') + t('chats.mine', { text: words });
  }
  return chat.kind === 'direct' ? words : t('chats.theirs', { name: calm(last.sender), text: words });
}

/** @param {Last} last */
function lastLine(last) {
  const who = last.mine ? t('trust.me') : calm(last.sender);
  const about = last.about_me ? t('trust.me') : calm(last.about ?? '');
  // Who joins does so themselves.
  return lineWords({ ...last, who, about: last.what === 'joined' ? who : about });
}

/** @param {Last} last */
function wordsOf(last) {
  if (last.kind === 'deleted') return t('talk.deleted');
  if (last.kind === 'unknown') return t('talk.unknown');
  return calm(last.text);
}
