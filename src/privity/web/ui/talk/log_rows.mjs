/** The rows of a log that nobody said: days, what is new, what happened to the chat. */
import { html, useState } from '../html.mjs';
import { clock, day, t } from '../i18n.mjs';
import { Icon } from '../parts/icon.mjs';
import { Bubble } from './bubble.mjs';
import { sentenceOf } from './line_words.mjs';

/** @param {{time: number}} props */
export function DayRow({ time }) {
  return html`<li class="day-row"><span>${day(time)}</span></li>`;
}

export function NewRow() {
  return html`<li class="new-row"><span>${t('talk.new')}</span></li>`;
}

/** @param {{message: import('../types.mjs').Message}} props */
export function LineRow({ message }) {
  return html`<li class="line-row" data-key=${message.message} data-seq=${message.seq}>
    <span dir="auto">${sentenceOf(message)}</span>
    <time>${clock(message.time)}</time>
  </li>`;
}

/**
 * What somebody blocked wrote in a group: a line that opens.
 * @param {{messages: readonly import('../types.mjs').Message[], talk: any}} props
 */
export function FoldedRow({ messages, talk }) {
  const [open, setOpen] = useState(false);
  const first = messages[0];
  return html`
    <li class="line-row" data-key=${open ? '' : first.message} data-seq=${open ? '' : first.seq}>
      <button type="button" class="link folded" aria-expanded=${open ? 'true' : 'false'} onClick=${() => setOpen(!open)}>
        <${Icon} name="block" />${t('block.folded', { count: messages.length })}
      </button>
    </li>
    ${open && messages.map((message) => html`<${Bubble} key=${message.message} message=${message} first last group talk=${talk} />`)}
  `;
}
