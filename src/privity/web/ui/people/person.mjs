/** The page of a person: who they are to this account, and what can be done. */
import { html, useState } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Avatar } from '../parts/avatar.mjs';
import { Button, ButtonLink } from '../parts/button.mjs';
import { CopyButton } from '../parts/copy.mjs';
import { Name, calm } from '../parts/name.mjs';
import { Page, Section } from '../parts/page.mjs';
import { Empty, Waiting } from '../parts/states.mjs';
import { hrefTo } from '../router.mjs';
import { chats, contacts, loaded } from '../state/world.mjs';
import { changeBlock } from './blocking.mjs';
import { Nickname } from './nickname.mjs';
import { Removing } from './removing.mjs';
import { TimerChoice } from './timer.mjs';
import { Trust } from './trust.mjs';

/** @param {{parts: readonly string[]}} props */
export function PersonPage({ parts }) {
  const title = t('person.title');
  if (!loaded.value) return html`<${Page} title=${title}><${Waiting} /><//>`;
  const all = [...chats.value.values()];
  const contact = contactOf(parts[0] ?? '', all);
  if (!contact) {
    return html`<${Page} title=${title}><${Empty} icon="person" title=${t('person.unknown')} /><//>`;
  }
  return html`<${Page} title=${title}>
    <${About} contact=${contact} />
    ${contact.state && contact.person.trust !== 'me' && html`<${Nickname} key=${contact.person.account} contact=${contact} />`}
    ${chats.value.get(contact.chat)?.status === 'active' &&
    html`<${TimerChoice} key=${contact.chat} chat=${chats.value.get(contact.chat)} />`}
    ${contact.chat &&
    html`<${Section} title=${t('media.shared')}>
      <${ButtonLink} icon="file" href=${hrefTo('media', [contact.chat])}>${t('media.shared_do')}<//>
    <//>`}
    <${Shared} account=${contact.person.account} chats=${all} />
    ${['accepted', 'requested'].includes(contact.state) && html`<${Removing} contact=${contact} />`}
    <${Blocking} contact=${contact} />
  <//>`;
}

/**
 * Somebody one knows, or only shares a group with.
 * @param {string} account
 * @param {readonly import('../types.mjs').Chat[]} all
 * @returns {import('../types.mjs').Contact | undefined}
 */
function contactOf(account, all) {
  const known = contacts.value.get(account);
  if (known) return known;
  const person = all.flatMap((chat) => chat.members).find((one) => one.account === account);
  return person && { person, state: '', nickname: '', chat: '' };
}

/** @param {{contact: any}} props */
function About({ contact: { person, nickname, chat } }) {
  const name = nickname || person.name;
  return html`<section class="section person-card">
    <${Avatar} id=${person.account} name=${name} size="large" picture=${person.picture ?? ''} />
    <h2><${Name} text=${name} /></h2>
    ${nickname && html`<p class="hint">${t('person.calls_themselves', { name: calm(person.name) })}</p>`}
    <p><${Trust} trust=${person.trust} /></p>
    ${person.handle &&
    html`<p class="row"><bdi class="handle">${person.handle}</bdi><${CopyButton} kind="quiet" text=${person.handle} /></p>`}
    ${person.trust !== 'me' &&
    html`<div class="row">
      ${chat && html`<${ButtonLink} kind="primary" icon="chat" href=${hrefTo('chat', [chat])}>${t('person.write')}<//>`}
      <${ButtonLink} icon="shield" href=${hrefTo('verify', [person.account])}
        >${person.trust === 'verified' ? t('person.number') : t('person.verify')}<//
      >
    </div>`}
    ${person.trust === 'known to server' && html`<p class="hint">${t('person.unchecked')}</p>`}
  </section>`;
}

/** @param {{account: string, chats: readonly any[]}} props */
function Shared({ account, chats }) {
  const groups = chats.filter(
    ({ kind, members }) =>
      kind === 'group' && members.some((/** @type {any} */ one) => one.account === account),
  );
  if (groups.length === 0) return null;
  return html`<${Section} title=${t('person.shared')}>
    <ul class="people">
      ${groups.map(
        ({ chat, title }) => html`<li key=${chat} class="person-row">
          <a class="person" href=${hrefTo('chat', [chat])}>
            <${Avatar} id=${chat} name=${title} group /><${Name} text=${title} />
          </a>
        </li>`,
      )}
    </ul>
  <//>`;
}

/** @param {{contact: import('../types.mjs').Contact}} props */
function Blocking({ contact: { person, state } }) {
  const [busy, setBusy] = useState(false);
  if (person.trust === 'me') return null;
  const blocked = state === 'blocked';
  const change = async () => {
    setBusy(true);
    await changeBlock(person, !blocked);
    setBusy(false);
  };
  return html`<${Section} title=${t('block.title')} text=${blocked ? t('block.is') : t('block.hint')}>
    <${Button} kind=${blocked ? 'plain' : 'danger'} icon="block" busy=${busy} onClick=${change}
      >${blocked ? t('block.undo') : t('block.do')}<//
    >
  <//>`;
}
