/** What one is about to do in a chat: an answer, a change, files that wait to be sent. */
import { signal } from '../html.mjs';

/** @typedef {import('../types.mjs').Message} Message */
/**
 * @typedef {{
 *   replyTo: import('@preact/signals').Signal<Message | null>,
 *   editing: import('@preact/signals').Signal<Message | null>,
 *   files: import('@preact/signals').Signal<readonly Chosen[]>,
 *   expires: import('@preact/signals').Signal<number | null>,
 * }} TalkState
 * @typedef {{id: number, file: File}} Chosen
 */

/** @type {Map<string, TalkState>} */
const all = new Map();
let last = 0;

/**
 * @param {string} chat
 * @returns {TalkState}
 */
export function talkOf(chat) {
  const known = all.get(chat);
  if (known) return known;
  /** @type {TalkState} */
  const made = { replyTo: signal(null), editing: signal(null), files: signal([]), expires: signal(null) };
  all.set(chat, made);
  return made;
}

/**
 * @param {TalkState} talk
 * @param {Message} message
 */
export function beginReply(talk, message) {
  talk.editing.value = null;
  talk.replyTo.value = message;
  focusComposer();
}

/**
 * @param {TalkState} talk
 * @param {Message} message
 */
export function beginEdit(talk, message) {
  talk.replyTo.value = null;
  talk.editing.value = message;
  focusComposer();
}

/**
 * @param {TalkState} talk
 * @param {Iterable<File>} files
 */
export function addFiles(talk, files) {
  const more = [...files].map((file) => {
    last += 1;
    return { id: last, file };
  });
  talk.files.value = [...talk.files.value, ...more];
  focusComposer();
}

export function focusComposer() {
  requestAnimationFrame(() => {
    /** @type {HTMLElement | null} */ (document.querySelector('[data-key=composer]'))?.focus();
  });
}
