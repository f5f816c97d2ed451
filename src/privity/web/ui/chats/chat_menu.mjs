/** What can be done with a chat, from the list and from its top. */
import { html, signal } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Menu } from '../parts/menu.mjs';
import { calm } from '../parts/name.mjs';
import { goTo } from '../router.mjs';
import { openOverlay } from '../shell/overlay.mjs';
import { setArchived, setMuted, setPinned, setSeen, setUnread } from './marks.mjs';
import { canLeave, deleteChat, leaveChat } from './ending.mjs';
import { isNote, titleOf } from './title.mjs';

/** @typedef {import('../types.mjs').Chat} Chat */

const open = signal(/** @type {{chat: Chat, at: {x: number, y: number}} | null} */ (null));

/**
 * @param {MouseEvent} event
 * @param {Chat} chat
 */
export function openChatMenu(event, chat) {
  event.preventDefault();
  // From the keyboard there is no point of the mouse.
  const box = /** @type {HTMLElement} */ (event.currentTarget).getBoundingClientRect();
  const pointed = event.clientX || event.clientY;
  open.value = {
    chat,
    at: pointed ? { x: event.clientX, y: event.clientY } : { x: box.right - 16, y: box.top + 24 },
  };
}

/** Where the menu is shown; the list has one. */
export function ChatMenu() {
  const shown = open.value;
  if (!shown) return null;
  const label = t('chats.menu', { name: calm(titleOf(shown.chat)) });
  return html`<${Menu} label=${label} at=${shown.at} items=${itemsOf(shown.chat)} onClose=${() => (open.value = null)} />`;
}

/**
 * @param {Chat} chat
 * @returns {import('../parts/menu.mjs').Item[]}
 */
export function itemsOf(chat) {
  const { pinned, muted, archived, unread } = chat.marks;
  const own = isNote(chat);
  const seen = chat.unread > 0 || unread;
  return [
    !own && { icon: 'info', label: t('chats.info'), act: () => goTo('info', [chat.chat]) },
    !own && (seen
      ? { icon: 'check', label: t('chats.mark_read'), act: () => setSeen(chat) }
      : { icon: 'eye', label: t('chats.mark_unread'), act: () => setUnread(chat) }),
    { icon: 'pin', label: pinned ? t('chats.unpin') : t('chats.pin'), act: () => setPinned(chat, !pinned) },
    !own && (muted
      ? { icon: 'bell', label: t('chats.unmute'), act: () => setMuted(chat, false, 0) }
      : { icon: 'mute', label: t('chats.mute'), act: () => openOverlay('mute', { chat }) }),
    !own && chat.status === 'active' && { icon: 'clock', label: t('chats.timer'), act: () => openOverlay('timer', { chat: chat.chat }) },
    { icon: 'archive', label: archived ? t('chats.unarchive') : t('chats.put_away'), act: () => setArchived(chat, !archived) },
    canLeave(chat) && { icon: 'back', label: t('ending.leave_do'), act: () => leaveChat(chat) },
    { icon: 'trash', label: own ? t('ending.clear_do') : t('ending.delete_do'), danger: true, act: () => deleteChat(chat) },
  ].filter((item) => item instanceof Object);
}
