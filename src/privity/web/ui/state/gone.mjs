/** Messages whose time was over while this window was open: nothing shows them again. */
import { signal } from '../html.mjs';
import { drop } from '../media/held.mjs';

/** Their ids. */
export const gone = signal(/** @type {ReadonlySet<string>} */ (new Set()));

/**
 * @param {string} chat
 * @param {readonly string[]} messages
 */
export function forgetMessages(chat, messages) {
  gone.value = new Set([...gone.value, ...messages]);
  for (const message of messages) drop(chat, message);
}

/** @param {{message: string}} one */
export function isThere({ message }) {
  return !gone.value.has(message);
}
