/** Which chats are shown, in which order. */
import { computed, signal } from '../html.mjs';
import { chats, recent } from '../state/world.mjs';

/** @typedef {import('../types.mjs').Chat} Chat */

/** What stands in the search box. */
export const wanted = signal('');

/** The row of the list that Tab leads to; arrows lead to the others. */
export const stop = signal('');

/** Whether the archive is shown in place of the others. */
export const inArchive = signal(false);

/** The chats of the list: pinned ones first, then by what happened last. */
export const listed = computed(() => {
  const all = recent.value
    .map((id) => chats.value.get(id))
    .filter((chat) => chat !== undefined);
  const shown = wanted.value
    ? all.filter((chat) => fits(chat, wanted.value))
    : all.filter((chat) => chat.marks.archived === inArchive.value);
  return [...shown.filter((chat) => chat.marks.pinned), ...shown.filter((chat) => !chat.marks.pinned)];
});

/** That row, or the first one where it is not shown. */
export const tabStop = computed(() => {
  const ids = listed.value.map((chat) => chat.chat);
  return ids.includes(stop.value) ? stop.value : (ids[0] ?? '');
});

/** How many chats are archived. */
export const archivedCount = computed(
  () => [...chats.value.values()].filter((chat) => chat.marks.archived).length,
);

/**
 * The chat beside another one in the list.
 * @param {string} id empty for none
 * @param {1 | -1} by
 */
export function neighbour(id, by) {
  const ids = listed.value.map((chat) => chat.chat);
  const here = ids.indexOf(id);
  if (here < 0) return ids.at(by > 0 ? 0 : -1);
  return ids[Math.max(0, Math.min(ids.length - 1, here + by))];
}

/**
 * Whether every word of the search begins a word of the title or a member's name.
 * @param {Chat} chat
 * @param {string} text
 */
function fits(chat, text) {
  const names = [chat.title, ...chat.members.slice(0, 200).flatMap((one) => [one.name, one.handle])];
  const place = plain(names.join(' \n'));
  return plain(text)
    .split(/\s+/u)
    .every((word) => place.includes(word));
}

/** @param {string} text */
function plain(text) {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase();
}
