/** Files dragged over a conversation are laid into its composer, not sent at once. */
import { html, useState } from '../html.mjs';
import { t } from '../i18n.mjs';
import { isNote, titleOf } from '../chats/title.mjs';
import { Icon } from '../parts/icon.mjs';
import { calm } from '../parts/name.mjs';
import { addFiles } from './talk_state.mjs';

/** @param {{chat: import('../types.mjs').Chat, talk: any, children?: any}} props */
export function DropZone({ chat, talk, children }) {
  const [over, setOver] = useState(false);
  const active = chat.status === 'active' && !isNote(chat);
  const enter = (/** @type {DragEvent} */ event) => {
    if (!active || !event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    setOver(true);
  };
  const leave = (/** @type {DragEvent} */ event) => {
    const zone = /** @type {HTMLElement} */ (event.currentTarget);
    if (!zone.contains(/** @type {Node | null} */ (event.relatedTarget))) setOver(false);
  };
  const drop = (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    setOver(false);
    if (active) addFiles(talk, event.dataTransfer?.files ?? []);
  };
  return html`<div class="drop-zone" onDragEnter=${enter} onDragOver=${enter} onDragLeave=${leave} onDrop=${drop}>
    ${children}
    ${over &&
    html`<div class="drop-here" aria-hidden="true">
      <${Icon} name="attach" />
      <p>${t('compose.drop', { name: calm(titleOf(chat)) })}</p>
    </div>`}
  </div>`;
}
