/** The timer of a chat, asked for from its menu. */
import { html } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Button } from '../parts/button.mjs';
import { Dialog } from '../parts/dialog.mjs';
import { chats } from '../state/world.mjs';
import { TimerBody } from './timer.mjs';

/** @param {{chat: string, onClose: () => void}} props the chat's id */
export function TimerDialog({ chat, onClose }) {
  const actions = html`<${Button} kind="primary" onClick=${onClose}>${t('common.done')}<//>`;
  return html`<${Dialog} title=${t('timer.title')} onClose=${onClose} actions=${actions}>
    <p class="hint">${t('timer.hint')}</p>
    <${TimerBody} chat=${chats.value.get(chat)} />
  <//>`;
}
