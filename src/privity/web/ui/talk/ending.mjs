/** That a message disappears, and when: a small clock, with words for who asks. */
import { html } from '../html.mjs';
import { moment, span, t } from '../i18n.mjs';
import { Icon } from '../parts/icon.mjs';

/** @typedef {import('../types.mjs').Message} Message */

/** @param {{message: Message}} props */
export function Ending({ message }) {
  const words = endingOf(message);
  return words && html`<span class="ending" title=${words}><${Icon} name="clock" /></span>`;
}

/**
 * When a message disappears, in words; empty if it stays.
 * @param {Message} message
 */
export function endingOf({ lasts = 0, expires = 0 }) {
  if (expires) return t('timer.until', { time: moment(expires) });
  return lasts ? t('timer.from_reading', { time: span(lasts) }) : '';
}
