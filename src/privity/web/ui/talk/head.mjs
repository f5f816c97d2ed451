/** The top of a conversation: with whom, how far their keys are known, what more. */
import { html } from '../html.mjs';
import { span, t } from '../i18n.mjs';
import { isNote, titleOf } from '../chats/title.mjs';
import { itemsOf } from '../chats/chat_menu.mjs';
import { Avatar } from '../parts/avatar.mjs';
import { IconButton } from '../parts/button.mjs';
import { Icon } from '../parts/icon.mjs';
import { MenuButton } from '../parts/menu.mjs';
import { Name, calm } from '../parts/name.mjs';
import { goTo, hrefTo } from '../router.mjs';

/** @typedef {import('../types.mjs').Chat} Chat */

/** @param {{chat: Chat}} props */
export function Head({ chat }) {
  const peer = peerOf(chat);
  const name = calm(titleOf(chat));
  const opens = chat.kind === 'group' ? t('talk.open_group', { name }) : t('talk.open_person', { name });
  return html`<header class="bar talk-head">
    <${IconButton} icon="back" class="only-narrow" label=${t('talk.to_list')} onClick=${() => goTo('')} />
    <${Who} href=${isNote(chat) ? '' : hrefTo('info', [chat.chat])} label=${opens}>
      <${Avatar}
        id=${peer?.account ?? chat.chat}
        name=${chat.title}
        group=${chat.kind === 'group'}
        note=${isNote(chat)}
        picture=${peer?.picture}
        size="small"
      />
      <span class="talk-words">
        <h1><${Name} text=${titleOf(chat)} /></h1>
        <span class="talk-sub"><${Sub} chat=${chat} peer=${peer} /><${Timer} seconds=${chat.timer ?? 0} /></span>
      </span>
    <//>
    <${MenuButton} label=${t('chats.menu', { name })} items=${() => itemsOf(chat)} />
  </header>`;
}

/** A way to more, where there is more. @param {{href: string, label: string, children?: any}} props */
function Who({ href, label, children }) {
  if (!href) return html`<span class="talk-who">${children}</span>`;
  return html`<a class="talk-who" href=${href} aria-label=${label} title=${label}>${children}</a>`;
}

/** @param {{chat: Chat, peer?: import('../types.mjs').Person}} props */
function Sub({ chat, peer }) {
  if (chat.kind === 'group') {
    return html`<span class="sub">${t('talk.members', { count: chat.members.length })}</span>`;
  }
  if (isNote(chat)) return html`<span class="sub">${t('note.sub')}</span>`;
  const verified = peer?.trust === 'verified';
  return html`<span class="sub ${verified ? 'verified' : ''}">
    ${verified && html`<${Icon} name="shield" />`}
    ${verified ? t('trust.verified') : t('trust.known_to_server')}
  </span>`;
}

/** After how long new messages disappear. @param {{seconds: number}} props */
function Timer({ seconds }) {
  if (!seconds) return null;
  const words = t('timer.now', { time: span(seconds) });
  return html`<span class="sub timer" title=${words}>
    <${Icon} name="clock" /><span aria-hidden="true">${span(seconds)}</span><span class="unseen">${words}</span>
  </span>`;
}

/** @param {Chat} chat */
export function peerOf(chat) {
  return chat.kind === 'direct' ? chat.members.find((one) => one.trust !== 'me') : undefined;
}
