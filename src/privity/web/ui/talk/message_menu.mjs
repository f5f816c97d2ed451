/** What can be done with a message: by a click, by the keys, beside it or at the pointer. */
import { html, signal } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Menu } from '../parts/menu.mjs';
import { logOf } from '../state/logs.mjs';
import { copyText, deleteMessage, giveReaction } from './acts.mjs';
import { saveAttachment } from './attachment.mjs';
import { EmojiPicker } from './emoji_picker.mjs';
import { openDetails } from './details.mjs';
import { QUICK } from './emoji_data.mjs';
import { beginEdit, beginReply } from './talk_state.mjs';

/** @typedef {import('../types.mjs').Message} Message */
/** @typedef {import('../parts/menu.mjs').Point} Point */

const open = signal(/** @type {{id: string, at: Point, picker: boolean} | null} */ (null));

/**
 * Open the menu of a row of the log.
 * @param {HTMLElement} row
 * @param {Point} [at] where the pointer is; without one, beside the message
 */
export function openMessageMenu(row, at) {
  open.value = { id: row.dataset.message ?? '', at: at ?? beside(row), picker: false };
}

/** Open all emoji for the message in which a button stands. @param {MouseEvent} event */
export function openQuickReactions(event) {
  const row = /** @type {HTMLElement} */ (event.currentTarget).closest('[data-message]');
  if (row instanceof HTMLElement) {
    open.value = { id: row.dataset.message ?? '', at: beside(row), picker: true };
  }
}

/** @param {{chat: import('../types.mjs').Chat, talk: import('./talk_state.mjs').TalkState}} props */
export function MessageMenu({ chat, talk }) {
  const shown = open.value;
  const message = shown && logOf(chat.chat).value.log?.messages.find((one) => one.message === shown.id);
  if (!shown || !message) return null;
  const close = () => (open.value = null);
  const react = (/** @type {string} */ emoji) => {
    close();
    giveReaction(message, emoji, hasMine(message, emoji));
  };
  const canReact = isAnswerable(message) && chat.status === 'active';
  if (shown.picker && canReact) {
    return html`<${EmojiPicker} at=${shown.at} onPick=${react} onClose=${close} />`;
  }
  const more = () => (open.value = { ...shown, picker: true });
  return html`<${Menu}
    label=${t('menu.message')}
    at=${shown.at}
    items=${itemsOf(message, chat, talk)}
    onClose=${close}
    top=${canReact && html`<${Quick} message=${message} onPick=${react} onMore=${more} />`}
  />`;
}

/** @param {{message: Message, onPick: (emoji: string) => void, onMore: () => void}} props */
function Quick({ message, onPick, onMore }) {
  return html`<div class="quick" role="group" aria-label=${t('menu.react')}>
    ${QUICK.map(
      (emoji) => html`<button
        key=${emoji}
        type="button"
        tabindex="-1"
        aria-pressed=${hasMine(message, emoji) ? 'true' : 'false'}
        onClick=${() => onPick(emoji)}
      >
        ${emoji}
      </button>`,
    )}
    <button type="button" tabindex="-1" aria-label=${t('menu.more_emoji')} onClick=${onMore}>…</button>
  </div>`;
}

/**
 * @param {Message} message
 * @param {import('../types.mjs').Chat} chat
 * @param {import('./talk_state.mjs').TalkState} talk
 * @returns {import('../parts/menu.mjs').Item[]}
 */
function itemsOf(message, chat, talk) {
  const mine = message.sender.trust === 'me';
  const active = chat.status === 'active';
  const answerable = isAnswerable(message);
  const plain = message.kind === 'text' || message.kind === 'file';
  return [
    answerable && active && { icon: 'reply', label: t('menu.reply'), act: () => beginReply(talk, message) },
    message.text && plain && { icon: 'copy', label: t('menu.copy'), act: () => copyText(message) },
    message.file && { icon: 'download', label: t('menu.save'), act: () => saveAttachment(message) },
    mine && active && message.kind === 'text' && message.state !== 'failed' && { icon: 'edit', label: t('menu.edit'), act: () => beginEdit(talk, message) },
    { icon: 'info', label: t('menu.details'), act: () => openDetails(message) },
    mine && plain && { icon: 'trash', label: t('menu.delete'), danger: true, act: () => deleteMessage(message) },
  ].filter((item) => item instanceof Object);
}

/** @param {Message} message */
function isAnswerable({ kind, state }) {
  return (kind === 'text' || kind === 'file') && state !== 'failed';
}

/**
 * @param {Message} message
 * @param {string} emoji
 */
function hasMine(message, emoji) {
  return message.reactions.some((one) => one.emoji === emoji && one.people.some((who) => who.trust === 'me'));
}

/** @param {HTMLElement} row */
function beside(row) {
  const box = (row.querySelector('.bubble') ?? row).getBoundingClientRect();
  return { x: box.right, y: Math.min(box.bottom, innerHeight - 80) };
}
