/** Emoji that were given to a message; mine can be taken back with a click. */
import { html } from '../html.mjs';
import { list, number, t } from '../i18n.mjs';
import { calm } from '../parts/name.mjs';
import { giveReaction } from './acts.mjs';

/** @typedef {import('../types.mjs').Message} Message */

const MOST_NAMES = 12;

/** @param {{message: Message}} props */
export function Reactions({ message }) {
  if (!message.reactions.length) return null;
  return html`<ul class="reactions" aria-label=${t('talk.reactions')}>
    ${message.reactions.map((one) => {
      const mine = one.people.some((who) => who.trust === 'me');
      const names = one.people.slice(0, MOST_NAMES).map((who) => (who.trust === 'me' ? t('trust.me') : calm(who.name)));
      return html`<li key=${one.emoji}>
        <button
          type="button"
          class="reaction ${mine ? 'own' : ''}"
          aria-pressed=${mine ? 'true' : 'false'}
          aria-label="${one.emoji} ${list(names)}"
          title=${list(names)}
          onClick=${() => giveReaction(message, one.emoji, mine)}
        >
          <span>${one.emoji}</span>
          ${one.people.length > 1 && html`<span>${number(one.people.length)}</span>`}
        </button>
      </li>`;
    })}
  </ul>`;
}
