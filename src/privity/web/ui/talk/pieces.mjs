/** A text, cut where a link or the name of a member stands in it. */

/** @typedef {import('../types.mjs').Link} Link */
/** @typedef {import('../types.mjs').Mention} Mention */
/** @typedef {string | {link: Link} | {mention: Mention}} Piece */

/**
 * @param {string} text
 * @param {readonly Link[]} links those that nobody should open stay words
 * @param {readonly Mention[]} mentions
 * @returns {Piece[]} in their order; what overlaps something before it stays words
 */
export function piecesOf(text, links, mentions) {
  const marks = [
    ...links.filter((one) => one.opens).map((link) => ({ ...link, piece: { link } })),
    ...mentions.map((mention) => ({ ...mention, piece: { mention } })),
  ].sort((a, b) => a.start - b.start);
  if (!marks.length) return [text];
  // Places count characters, and JavaScript counts halves of them.
  const letters = Array.from(text);
  /** @type {Piece[]} */
  const pieces = [];
  let after = 0;
  for (const { start, end, piece } of marks) {
    if (start < after) continue;
    pieces.push(letters.slice(after, start).join(''), piece);
    after = end;
  }
  return [...pieces, letters.slice(after).join('')].filter((piece) => piece !== '');
}
