/** The beginning of what a message answers; it leads there. */
import { html } from '../html.mjs';
import { t } from '../i18n.mjs';
import { calm } from '../parts/name.mjs';
import { logOf } from '../state/logs.mjs';

/** @typedef {import('../types.mjs').Message} Message */

/** @param {{message: Message}} props */
export function Quote({ message }) {
  const answered = logOf(message.chat).value.log?.messages.find((one) => one.message === message.reply_to);
  const jump = () => {
    const row = document.querySelector(`[data-message="${message.reply_to}"]`);
    if (!(row instanceof HTMLElement)) return;
    row.scrollIntoView({ block: 'center' });
    row.focus({ preventScroll: true });
  };
  const who = answered ? (answered.sender.trust === 'me' ? t('trust.me') : calm(answered.sender.name)) : '';
  return html`<button type="button" class="quote" disabled=${!answered} onClick=${jump} aria-label=${t('talk.to_answered')}>
    ${who && html`<bdi class="quote-who">${who}</bdi>`}
    <span class="quote-words" dir="auto">${quoteWords(message, answered)}</span>
  </button>`;
}

/**
 * @param {Message} message
 * @param {Message | undefined} answered
 */
function quoteWords(message, answered) {
  if (message.quote) return message.quote;
  return answered?.kind === 'deleted' ? t('talk.deleted') : t('talk.quote_away');
}
