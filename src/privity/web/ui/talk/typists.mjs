/** Who types at this moment; not read aloud, it would interrupt. */
import { html } from '../html.mjs';
import { list, t } from '../i18n.mjs';
import { calm } from '../parts/name.mjs';
import { typing } from '../state/world.mjs';

/** @param {{chat: import('../types.mjs').Chat}} props */
export function Typists({ chat }) {
  const people = typing.value.get(chat.chat) ?? [];
  const names = list(people.map((one) => calm(one.name)));
  return html`<div class="typists" aria-hidden="true">
    ${people.length > 0 &&
    html`<span class="dots"><i /><i /><i /></span>
      <span>${t('talk.types', { names, count: people.length })}</span>`}
  </div>`;
}
