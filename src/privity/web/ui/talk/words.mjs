/** The text of a message: as it is, in its own direction, with links that say where. */
import { html, useMemo, useState } from '../html.mjs';
import { t } from '../i18n.mjs';
import { calm } from '../parts/name.mjs';
import { Link } from './links.mjs';
import { piecesOf } from './pieces.mjs';

/** @typedef {import('../types.mjs').Link} Found */
/** @typedef {import('../types.mjs').Mention} Mention */
/** @typedef {import('./pieces.mjs').Piece} Piece */

/** Characters of a text that are shown before somebody asks for more. */
const SHOWN = 3000;
const MOST_LINES = 40;
/** Piles of accents would stand on the messages above and below. */
const PILE = /(\p{M}{5})\p{M}+/gu;
const EMOJI = /^(?:\p{Extended_Pictographic}|\p{Emoji_Component}|\s)+$/u;
const MOST_JUMBO = 3;
/** @type {readonly any[]} */
const NONE = [];

/**
 * @param {{text: string, links?: readonly Found[], mentions?: readonly Mention[]}} props
 *   what is not named in these is words
 */
export function Words({ text, links = NONE, mentions = NONE }) {
  const [whole, setWhole] = useState(false);
  const pieces = useMemo(() => piecesOf(text, links, mentions), [text, links, mentions]);
  const { shown, rest } = useMemo(() => (whole ? { shown: pieces, rest: false } : beginning(pieces)), [pieces, whole]);
  return html`<span class="words">
    ${shown.map(drawn)}
    ${rest && html`… <button type="button" class="link" onClick=${() => setWhole(true)}>${t('talk.whole')}</button>`}
  </span>`;
}

/** @param {Piece} piece */
function drawn(piece) {
  if (typeof piece === 'string') return piece.replace(PILE, '$1');
  if ('link' in piece) return html`<${Link} ...${piece.link} />`;
  const { person } = piece.mention;
  return html`<bdi class="mention ${person.trust === 'me' ? 'me' : ''}">@${calm(person.name)}</bdi>`;
}

/**
 * Whether a text is one to three emoji, which are shown large.
 * @param {string} text
 */
export function isOnlyEmoji(text) {
  const short = text.trim();
  if (!short || short.length > 40 || !EMOJI.test(short) || /^[\d#*\s]+$/u.test(short)) return false;
  return [...new Intl.Segmenter().segment(short.replace(/\s/gu, ''))].length <= MOST_JUMBO;
}

/**
 * The pieces up to where a text gets long.
 * @param {readonly Piece[]} pieces
 */
function beginning(pieces) {
  /** @type {Piece[]} */
  const shown = [];
  let [room, lines] = [SHOWN, MOST_LINES];
  for (const piece of pieces) {
    if (room <= 0 || lines <= 0) return { shown, rest: true };
    if (typeof piece !== 'string') {
      shown.push(piece);
      continue;
    }
    const cut = clipped(piece, room, lines);
    shown.push(cut);
    if (cut.length < piece.length) return { shown, rest: true };
    room -= piece.length;
    lines -= piece.split('\n').length - 1;
  }
  return { shown, rest: false };
}

/**
 * @param {string} words
 * @param {number} room
 * @param {number} lines
 */
function clipped(words, room, lines) {
  const some = words.split('\n', lines + 1);
  const fewer = some.length > lines ? some.slice(0, lines).join('\n') : words;
  return fewer.slice(0, room);
}
