/** Leaving a chat, and deleting it from this device. */
import { t } from '../i18n.mjs';
import { confirm } from '../parts/dialog.mjs';
import { calm } from '../parts/name.mjs';
import { toast, toastFailure } from '../parts/toast.mjs';
import { goTo, route } from '../router.mjs';
import { call } from '../rpc.mjs';
import { reload } from '../state/feed.mjs';
import { forgetLog } from '../state/logs.mjs';
import { titleOf } from './title.mjs';

/** @typedef {import('../types.mjs').Chat} Chat */

/** Whether one can leave: a group that goes on, or any chat that is stuck. @param {Chat} chat */
export function canLeave({ kind, status }) {
  return kind === 'group' ? status === 'active' || status === 'stuck' : kind === 'direct' && status === 'stuck';
}

/** @param {Chat} chat */
export async function leaveChat(chat) {
  const title = calm(titleOf(chat));
  const group = chat.kind === 'group';
  const yes = await confirm({
    title: t('group.leave_sure', { title }),
    text: group ? t('group.leave_meaning') : t('ending.leave_meaning', { name: title }),
    action: group ? t('group.leave') : t('ending.leave'),
    danger: true,
  });
  if (!yes) return;
  try {
    const { unsent } = await call('chats.leave', { chat: chat.chat });
    await reload();
    toast(t('group.left', { title }), { next: unsent ? t('requests.unsent', { count: unsent }) : '' });
  } catch (error) {
    toastFailure(error);
  }
}

/** @param {Chat} chat */
export async function deleteChat(chat) {
  const title = calm(titleOf(chat));
  const yes = await confirm({
    title: t('ending.delete_sure', { title }),
    text: t(`ending.delete_${chat.kind}`),
    action: t('ending.delete'),
    danger: true,
  });
  if (!yes) return;
  try {
    const { state } = await call('chats.delete', { chat: chat.chat });
    forgetLog(chat.chat);
    if (route.value.parts[0] === chat.chat) goTo('');
    await reload();
    toast(t('ending.deleted', { title }), { next: state === 'leaving' ? t('ending.leaving') : '' });
  } catch (error) {
    toastFailure(error);
  }
}
