/** People with whom a chat is about to begin: one side has asked or said yes. */
import { computed, html } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Avatar } from '../parts/avatar.mjs';
import { Name, calm } from '../parts/name.mjs';
import { hrefTo } from '../router.mjs';
import { contacts } from '../state/world.mjs';

/** Contacts that asked or were asked, and have no chat yet. */
export const expected = computed(() =>
  [...contacts.value.values()].filter(
    ({ state, chat }) => ['requested', 'accepted'].includes(state) && !chat,
  ),
);

export function Expected() {
  if (!expected.value.length) return null;
  return html`<ul class="expected" aria-label=${t('chats.expected')}>
    ${expected.value.map((one) => html`<${One} key=${one.person.account} contact=${one} />`)}
  </ul>`;
}

/** @param {{contact: import('../types.mjs').Contact}} props */
function One({ contact: { person, state } }) {
  const words = state === 'requested' ? t('chats.asked') : t('chats.accepted');
  return html`<li>
    <a class="chat-row" href=${hrefTo('person', [person.account])} aria-label="${calm(person.name)}, ${words}">
      <${Avatar} id=${person.account} name=${person.name} picture=${person.picture} />
      <span class="chat-words">
        <span class="chat-line"><${Name} text=${person.name} /></span>
        <span class="chat-line"><span class="preview" dir="auto">${words}</span></span>
      </span>
    </a>
  </li>`;
}
