/** What is done with a message that stands there. */
import { t } from '../i18n.mjs';
import { confirm } from '../parts/dialog.mjs';
import { toast, toastFailure } from '../parts/toast.mjs';
import { call } from '../rpc.mjs';
import { dropMessage, refreshMessage, refreshTail } from '../state/logs.mjs';

/** @typedef {import('../types.mjs').Message} Message */

/**
 * @param {Message} message
 * @param {string} emoji
 * @param {boolean} remove
 */
export async function giveReaction(message, emoji, remove) {
  try {
    await call('react', { chat: message.chat, message: message.message, emoji, remove, wait: 0 });
    await refreshMessage(message);
  } catch (error) {
    toastFailure(error);
  }
}

/** @param {Message} message */
export async function deleteMessage(message) {
  const waiting = message.state === 'queued' || message.state === 'failed';
  const yes = await confirm({
    title: t('menu.delete_sure'),
    text: waiting ? t('menu.delete_waiting') : t('menu.delete_why'),
    action: t('menu.delete'),
    danger: true,
  });
  if (!yes) return;
  try {
    const sent = await call('unsend', { chat: message.chat, message: message.message, wait: 0 });
    if (sent.state === 'taken back') dropMessage(message.chat, message.message);
    else await refreshMessage(message);
  } catch (error) {
    toastFailure(error);
  }
}

/**
 * Say anew what was not sent; the old one is forgotten by the client.
 * @param {Message} message
 * @param {string} to a chat
 * @returns {Promise<boolean>} whether it is kept
 */
export async function sendUnsent({ chat, message }, to) {
  try {
    await call('resend', { chat, message, to, wait: 0 });
    dropMessage(chat, message);
    await refreshTail(to, 1);
    return true;
  } catch (error) {
    toastFailure(error);
    return false;
  }
}

/** Forget what was not sent: it is here and nowhere else. @param {Message} message */
export async function forgetUnsent({ chat, message }) {
  const yes = await confirm({ title: t('failed.sure'), text: t('failed.forget_why'), action: t('failed.forget'), danger: true });
  if (!yes) return;
  try {
    await call('unsend', { chat, message, wait: 0 });
    dropMessage(chat, message);
  } catch (error) {
    toastFailure(error);
  }
}

/** @param {Message} message */
export async function copyText(message) {
  await navigator.clipboard.writeText(message.text || message.file?.name || '');
  toast(t('common.copied'));
}
