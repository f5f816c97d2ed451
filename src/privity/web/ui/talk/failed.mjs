/** Under a message that was not sent: why, and the ways on. */
import { html } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Button } from '../parts/button.mjs';
import { toast } from '../parts/toast.mjs';
import { chats, contacts } from '../state/world.mjs';
import { forgetUnsent, sendUnsent } from './acts.mjs';
import { peerOf } from './head.mjs';

/** @typedef {import('../types.mjs').Message} Message */

/** @param {{message: Message}} props */
export function FailedActions({ message }) {
  const to = placeFor(message.chat);
  const again = async () => {
    const sent = to && (await sendUnsent(message, to));
    if (sent && to !== message.chat) toast(t('failed.elsewhere'));
  };
  return html`<div class="failed-actions">
    <p>${message.reason || t('failed.why')}</p>
    ${to && html`<${Button} kind="quiet" icon="retry" onClick=${again}>${t('failed.again')}<//>`}
    <${Button} kind="quiet" icon="trash" onClick=${() => forgetUnsent(message)}>${t('failed.forget')}<//>
  </div>`;
}

/**
 * Where it can go: into its chat, or into the one that took its place.
 * @param {string} id
 */
function placeFor(id) {
  const chat = chats.value.get(id);
  if (chat?.status === 'active') return id;
  const peer = chat && peerOf(chat);
  const next = chats.value.get(contacts.value.get(peer?.account ?? '')?.chat ?? '');
  return next?.status === 'active' ? next.chat : '';
}
