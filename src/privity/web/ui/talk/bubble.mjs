/** One message: who, what, and what became of it. */
import { html, useState } from '../html.mjs';
import { clock, moment, t } from '../i18n.mjs';
import { Avatar } from '../parts/avatar.mjs';
import { InlineMedia } from '../media/inline.mjs';
import { IconButton } from '../parts/button.mjs';
import { Icon } from '../parts/icon.mjs';
import { Name, calm } from '../parts/name.mjs';
import { openMessageMenu } from './message_menu.mjs';
import { openQuickReactions } from './message_menu.mjs';
import { Quote } from './quote.mjs';
import { Reactions } from './reactions.mjs';
import { FailedActions } from './failed.mjs';
import { stateWord } from './state_word.mjs';
import { Ending, endingOf } from './ending.mjs';
import { Words, isOnlyEmoji } from './words.mjs';

/** @typedef {import('../types.mjs').Message} Message */

/** @param {{message: Message, first: boolean, last: boolean, group: boolean, talk: any}} props */
export function Bubble({ message, first, last, group, talk }) {
  const [near, setNear] = useState(false);
  const mine = message.sender.trust === 'me';
  const faced = group && !mine;
  const kinds = [
    mine ? 'mine' : 'theirs',
    first && 'first',
    last && 'last',
    faced && 'faced',
    message.state === 'failed' && 'failed',
    message.kind,
    message.kind === 'text' && !message.reply_to && isOnlyEmoji(message.text) && 'jumbo',
  ];
  return html`<li
    class="message ${kinds.filter(Boolean).join(' ')}"
    data-key=${message.message}
    data-message=${message.message}
    data-seq=${message.seq}
    tabindex="-1"
    aria-label=${spoken(message, mine)}
    onContextMenu=${openFromPointer}
    onPointerEnter=${() => setNear(true)}
  >
    ${faced && last && html`<${Avatar} id=${message.sender.account} name=${message.sender.name} size="small" picture=${message.sender.picture} />`}
    <div class="bubble">
      ${faced && first && html`<${Sender} person=${message.sender} />`}
      ${message.reply_to && message.kind !== 'deleted' && html`<${Quote} message=${message} />`}
      ${message.file && message.kind !== 'deleted' && html`<${InlineMedia} message=${message} />`}
      <div class="flow" dir="auto">
        <${Inside} message=${message} />
        <${Meta} message=${message} mine=${mine} last=${last} />
      </div>
      <${Reactions} message=${message} />
      ${message.state === 'failed' && html`<${FailedActions} message=${message} />`}
    </div>
    <${Tools} message=${message} near=${near} />
  </li>`;
}

/** @param {{person: import('../types.mjs').Person}} props */
function Sender({ person }) {
  return html`<div class="sender">
    <${Name} text=${person.name} />
    ${person.trust === 'verified' && html`<${Icon} name="shield" />`}
  </div>`;
}

/** @param {{message: Message}} props */
function Inside({ message }) {
  if (message.kind === 'deleted') return html`<span class="words faint">${t('talk.deleted')}</span>`;
  if (message.kind === 'unknown') return html`<span class="words faint">${t('talk.unknown')}</span>`;
  return message.text ? html`<${Words} text=${message.text} links=${message.links} mentions=${message.mentions} />` : null;
}

/** @param {{message: Message, mine: boolean, last: boolean}} props */
function Meta({ message, mine, last }) {
  const state = mine && message.state !== 'kept' && (last || message.state !== 'sent') ? stateWord(message) : '';
  return html`<div class="meta">
    ${message.edited && html`<span>${t('talk.edited')}</span>`}
    <${Ending} message=${message} />
    <time title=${moment(message.time)}>${clock(message.time)}</time>
    ${state && html`<span class="state ${message.state}">${state}</span>`}
  </div>`;
}

/**
 * Buttons that stand beside a message under the pointer. They are made when it comes
 * there: else they were over a third of all that a log consists of.
 * @param {{message: Message, near: boolean}} props
 */
function Tools({ message, near }) {
  if (message.kind === 'deleted' || message.kind === 'unknown') return null;
  if (!near) return html`<div class="tools" aria-hidden="true"></div>`;
  return html`<div class="tools" aria-hidden="true">
    <${IconButton} icon="emoji" class="small" tabindex="-1" label=${t('menu.react')} onClick=${openQuickReactions} />
    <${IconButton} icon="more" class="small" tabindex="-1" label=${t('menu.more')} onClick=${openFromButton} />
  </div>`;
}

/** @param {MouseEvent} event */
function openFromPointer(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  // A link and a selection have a menu of the browser that is of more use.
  if (target.closest('a') || !getSelection()?.isCollapsed) return;
  event.preventDefault();
  openMessageMenu(/** @type {HTMLElement} */ (event.currentTarget), { x: event.clientX, y: event.clientY, opens: 'end' });
}

/** @param {MouseEvent} event */
function openFromButton(event) {
  const button = /** @type {HTMLElement} */ (event.currentTarget);
  const box = button.getBoundingClientRect();
  const row = button.closest('[data-message]');
  if (row instanceof HTMLElement) openMessageMenu(row, { x: box.right, y: box.bottom });
}

/**
 * @param {Message} message
 * @param {boolean} mine
 */
function spoken(message, mine) {
  const words =
    message.kind === 'deleted'
      ? t('talk.deleted')
      : message.kind === 'unknown'
        ? t('talk.unknown')
        : [message.file && calm(message.file.name), message.text].filter(Boolean).join(', ');
  return [
    mine ? t('trust.me') : calm(message.sender.name),
    message.quote && t('talk.answers', { text: calm(message.quote) }),
    words,
    message.edited && t('talk.edited'),
    clock(message.time),
    endingOf(message),
    mine && stateWord(message),
  ]
    .filter(Boolean)
    .join(', ');
}
