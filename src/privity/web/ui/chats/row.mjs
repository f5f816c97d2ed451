/** One chat in the list: a link with a full name for who listens. */
import { html, useComputed } from '../html.mjs';
import { list, t } from '../i18n.mjs';
import { Avatar } from '../parts/avatar.mjs';
import { Badge } from '../parts/badge.mjs';
import { Icon } from '../parts/icon.mjs';
import { Name, calm } from '../parts/name.mjs';
import { hrefTo } from '../router.mjs';
import { draftOf } from '../state/drafts.mjs';
import { chats, typing } from '../state/world.mjs';
import { lastWords } from './last_words.mjs';
import { openChatMenu } from './chat_menu.mjs';
import { shortTime } from './short_time.mjs';
import { focusComposer } from '../talk/talk_state.mjs';
import { stop, tabStop } from './order.mjs';
import { isNote, titleOf } from './title.mjs';

/** @typedef {import('../types.mjs').Chat} Chat */

/** @param {{id: string, here: boolean}} props it is shown anew only when this chat changes */
export function ChatRow({ id, here }) {
  const chat = useComputed(() => chats.value.get(id)).value;
  const typists = useComputed(() => typing.value.get(id)).value ?? [];
  const draft = useComputed(() => draftOf(chats.value.get(id))).value;
  const stops = useComputed(() => tabStop.value === id).value;
  if (!chat) return null;
  const time = chat.last ? shortTime(chat.last.time) : '';
  const peer = chat.kind === 'direct' ? chat.members.find((one) => one.trust !== 'me') : undefined;
  const preview = previewOf(chat, typists, here ? '' : draft);
  const unread = chat.unread > 0 || chat.marks.unread;
  return html`<li>
    <a
      class="chat-row ${unread ? 'unread' : ''}"
      href=${hrefTo('chat', [chat.chat])}
      tabindex=${stops ? 0 : -1}
      onFocus=${() => (stop.value = id)}
      onClick=${goOn}
      aria-current=${here ? 'page' : undefined}
      aria-label=${fullName(chat, preview.text, time)}
      onContextMenu=${(/** @type {MouseEvent} */ event) => openChatMenu(event, chat)}
    >
      <${Avatar}
        id=${peer?.account ?? chat.chat}
        name=${chat.title}
        group=${chat.kind === 'group'}
        note=${isNote(chat)}
        picture=${peer?.picture}
      />
      <span class="chat-words">
        <span class="chat-line">
          <${Name} text=${titleOf(chat)} />
          ${peer?.trust === 'verified' && html`<${Icon} name="shield" />`}
          ${chat.marks.muted && html`<${Icon} name="mute" />`}
          <time class="chat-time">${time}</time>
        </span>
        <span class="chat-line">
          <span class="preview ${preview.kind}" dir="auto">${preview.text}</span>
          ${chat.marks.pinned && html`<${Icon} name="pin" />`}
          <${Count} chat=${chat} />
        </span>
      </span>
    </a>
  </li>`;
}

/** To a chat that is open already: no address changes, and one wants to write. @param {MouseEvent} event */
function goOn(event) {
  const row = /** @type {HTMLAnchorElement} */ (event.currentTarget);
  if (row.getAttribute('href') === location.hash) focusComposer();
}

/** What is new, or that it was marked to be looked at again. @param {{chat: Chat}} props */
function Count({ chat }) {
  const { mentions, muted, unread } = chat.marks;
  if (!chat.unread) return unread ? html`<span class="badge dot" aria-hidden="true" />` : null;
  return html`
    ${mentions > 0 && html`<span class="badge" aria-hidden="true">@</span>`}
    <${Badge} count=${chat.unread} quiet=${muted} />
  `;
}

/**
 * @param {Chat} chat
 * @param {string} preview
 * @param {string} time
 */
function fullName(chat, preview, time) {
  const name = calm(titleOf(chat));
  const { marks } = chat;
  return [
    chat.kind === 'group' ? t('chats.group_of', { name, count: chat.members.length }) : name,
    chat.unread ? t('chats.unread', { count: chat.unread }) : marks.unread && t('chats.marked'),
    marks.mentions > 0 && t('chats.mentions', { count: marks.mentions }),
    marks.pinned && t('chats.pinned'),
    marks.muted && t('chats.muted'),
    preview,
    time,
  ]
    .filter(Boolean)
    .join(', ');
}

/**
 * What stands below the name: the first of these that there is.
 * @param {Chat} chat
 * @param {readonly import('../types.mjs').Person[]} typists
 * @param {string} draft
 */
function previewOf(chat, typists, draft) {
  if (typists.length) return { kind: 'typing', text: typingWords(chat, typists.map((one) => calm(one.name))) };
  if (draft) return { kind: 'draft', text: t('chats.draft', { text: calm(draft) }) };
  const trouble = troubleOf(chat);
  if (trouble) return { kind: 'trouble', text: trouble };
  return { kind: '', text: chat.last ? lastWords(chat, chat.last) : '' };
}

/**
 * @param {Chat} chat
 * @param {readonly string[]} names
 */
function typingWords(chat, names) {
  if (chat.kind === 'direct') return t('chats.types');
  return t('talk.types', { names: list([...names]), count: names.length });
}

/** @param {Chat} chat */
function troubleOf(chat) {
  if (chat.status === 'stuck') return t('chats.stuck');
  if (chat.status === 'joining') return t('chats.joining');
  if (chat.status === 'creating') return t('chats.creating');
  return '';
}
