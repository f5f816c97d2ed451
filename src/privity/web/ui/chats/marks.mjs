/** Choices for a chat that are this device's alone. */
import { t } from '../i18n.mjs';
import { toast, toastFailure } from '../parts/toast.mjs';
import { call } from '../rpc.mjs';
import { takeChat } from '../state/feed.mjs';
import { markRead } from '../state/logs.mjs';

/** @typedef {import('../types.mjs').Chat} Chat */

/**
 * @param {Chat} chat
 * @param {boolean} on
 */
export function setPinned(chat, on) {
  return mark('chats.pin', { chat: chat.chat, on });
}

/**
 * @param {Chat} chat
 * @param {boolean} on
 * @param {number} seconds 0: until it is undone
 */
export function setMuted(chat, on, seconds) {
  return mark('chats.mute', { chat: chat.chat, on, seconds });
}

/**
 * @param {Chat} chat
 * @param {boolean} on
 */
export async function setArchived(chat, on) {
  await mark('chats.archive', { chat: chat.chat, on });
  const undo = { label: t('common.undo'), act: () => mark('chats.archive', { chat: chat.chat, on: !on }) };
  toast(on ? t('chats.was_archived') : t('chats.was_unarchived'), { action: undo });
}

/** @param {Chat} chat */
export function setUnread(chat) {
  return mark('chats.unread', { chat: chat.chat });
}

/** @param {Chat} chat */
export async function setSeen(chat) {
  try {
    await markRead(chat.chat, 0);
  } catch (error) {
    toastFailure(error);
  }
}

/**
 * @param {string} verb
 * @param {object} asked
 */
async function mark(verb, asked) {
  try {
    takeChat((await call(verb, asked)).chat);
  } catch (error) {
    toastFailure(error);
  }
}
