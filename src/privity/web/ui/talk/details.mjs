/** What is known of one message: when, by whom, what became of it. */
import { html } from '../html.mjs';
import { moment, size, t } from '../i18n.mjs';
import { Dialog } from '../parts/dialog.mjs';
import { Name } from '../parts/name.mjs';
import { openOverlay } from '../shell/overlay.mjs';
import { endingOf } from './ending.mjs';
import { stateWord } from './state_word.mjs';

/** @typedef {import('../types.mjs').Message} Message */

/** @param {Message} message */
export function openDetails(message) {
  openOverlay('details', { message });
}

/** @param {{message: Message, onClose: () => void}} props */
export function Details({ message, onClose }) {
  return html`<${Dialog} title=${t('details.title')} onClose=${onClose}>
    <dl class="facts">
      <dt>${t('details.from')}</dt>
      <dd><${Name} text=${message.sender.name} /></dd>
      ${message.sender.handle && html`<dt>${t('details.handle')}</dt><dd><${Name} text=${message.sender.handle} /></dd>`}
      <dt>${t('details.when')}</dt>
      <dd>${moment(message.time)}</dd>
      <dt>${t('details.state')}</dt>
      <dd>${stateWord(message)}</dd>
      ${Boolean(message.delivered) && html`<dt>${t('state.delivered')}</dt><dd>${t('common.people', { count: message.delivered ?? 0 })}</dd>`}
      ${Boolean(message.read) && html`<dt>${t('state.read')}</dt><dd>${t('common.people', { count: message.read ?? 0 })}</dd>`}
      ${endingOf(message) && html`<dt>${t('timer.title')}</dt><dd>${endingOf(message)}</dd>`}
      ${message.file && html`<dt>${t('details.file')}</dt><dd><${Name} text=${message.file.name} />, ${size(message.file.size)}</dd>`}
    </dl>
    <p class="hint">${t('details.minute')}</p>
  <//>`;
}
