/** The top of a chat, where there is nothing older. */
import { html } from '../html.mjs';
import { t } from '../i18n.mjs';
import { isNote, titleOf } from '../chats/title.mjs';
import { Avatar } from '../parts/avatar.mjs';
import { Icon } from '../parts/icon.mjs';
import { Name } from '../parts/name.mjs';
import { hrefTo } from '../router.mjs';
import { peerOf } from './head.mjs';

/** @param {{chat: import('../types.mjs').Chat}} props */
export function Beginning({ chat }) {
  const peer = peerOf(chat);
  return html`<div class="beginning">
    <${Avatar}
      id=${peer?.account ?? chat.chat}
      name=${chat.title}
      group=${chat.kind === 'group'}
      note=${isNote(chat)}
      picture=${peer?.picture}
      size="large"
    />
    <h2><${Name} text=${titleOf(chat)} /></h2>
    ${peer?.handle && html`<p class="sub"><${Name} text=${peer.handle} /></p>`}
    <p class="sealed"><${Icon} name="lock" /><span>${isNote(chat) ? t('note.sealed') : t('talk.sealed')}</span></p>
    ${peer &&
    peer.trust !== 'verified' &&
    html`<p><a href=${hrefTo('verify', [peer.account])}>${t('talk.compare')}</a></p>`}
  </div>`;
}
