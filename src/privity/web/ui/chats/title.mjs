/** What a chat is called. */
import { t } from '../i18n.mjs';

/** @param {import('../types.mjs').Chat} chat */
export function titleOf(chat) {
  if (isNote(chat)) return t('note.title');
  return chat.title || t('chats.untitled');
}

/** The chat with oneself, of which nothing leaves this device. @param {{kind: string}} chat */
export function isNote({ kind }) {
  return kind === 'note';
}
