/** Who may be meant by an `@` that was just typed. */
import { calm } from '../parts/name.mjs';

/** @typedef {import('../types.mjs').Person} Person */

const BEGUN = /(?:^|\s)@([^\s@]{0,32})$/u;
const MOST = 6;

/**
 * What was typed behind an `@` in front of the cursor; null without one.
 * @param {string} text
 * @param {number} cursor
 */
export function begunName(text, cursor) {
  return BEGUN.exec(text.slice(0, cursor))?.[1] ?? null;
}

/**
 * Members whose name, or a word of it, begins so.
 * @param {readonly Person[]} members
 * @param {string} begun
 */
export function fitting(members, begun) {
  const wanted = plain(begun);
  return members
    .filter(({ trust }) => trust !== 'me')
    .filter(({ name, handle }) => [plain(name), ...plain(name).split(/\s+/u), plain(handle)].some((one) => one.startsWith(wanted)))
    .slice(0, MOST);
}

/**
 * How to write a member so that nobody else is meant: by a name that is theirs alone and
 * harmless to look at, or else by the id.
 * @param {readonly Person[]} members
 * @param {Person} person
 */
export function writtenName(members, { account, name }) {
  const alone = members.filter((one) => plain(one.name) === plain(name)).length === 1;
  return alone && name.trim() === name && name && calm(name) === name ? name : account;
}

/** @param {string} text */
function plain(text) {
  return text.normalize('NFKC').toLocaleLowerCase();
}
