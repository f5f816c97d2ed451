/** What was begun to be written in each chat; the client keeps it, and so does this. */
import { signal } from '../html.mjs';
import { call } from '../rpc.mjs';
import { set } from './world.mjs';

/** @typedef {{text: string, replyTo: string}} Draft */

const drafts = signal(/** @type {ReadonlyMap<string, Draft>} */ (new Map()));

/**
 * The beginning of what was begun in a chat, for the list.
 * @param {import('../types.mjs').Chat | undefined} chat
 */
export function draftOf(chat) {
  return chat ? (drafts.value.get(chat.chat)?.text ?? chat.marks.draft) : '';
}

/**
 * All that was begun in a chat.
 * @param {import('../types.mjs').Chat} chat
 * @returns {Promise<Draft>}
 */
export async function wholeDraft(chat) {
  const known = drafts.peek().get(chat.chat);
  if (known) return known;
  const { text, reply_to } = await call('draft', { chat: chat.chat });
  const draft = { text, replyTo: reply_to };
  // What is kept is known from here on, so that emptying it is a change as well.
  drafts.value = set(drafts.value, chat.chat, draft);
  return draft;
}

/**
 * Keep what is begun.
 * @param {string} chat
 * @param {Draft} draft
 */
export function keepDraft(chat, draft) {
  const known = drafts.peek().get(chat);
  const { text, replyTo } = draft;
  if (known ? known.text === text && known.replyTo === replyTo : !text) return;
  drafts.value = set(drafts.value, chat, draft);
  call('draft', { chat, text, reply_to: text ? replyTo : '' }).catch(() => {});
}

/** The client has them. */
export function forgetDrafts() {
  drafts.value = new Map();
}

/**
 * It was sent; the client has emptied it as well.
 * @param {string} chat
 */
export function dropDraft(chat) {
  drafts.value = set(drafts.value, chat, { text: '', replyTo: '' });
}
