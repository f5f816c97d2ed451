/** What stands in the way of a chat, and what to do about it. */
import { html } from '../html.mjs';
import { t } from '../i18n.mjs';
import { leaveChat } from '../chats/ending.mjs';
import { Button } from '../parts/button.mjs';
import { Banner } from '../parts/states.mjs';
import { toast, toastFailure } from '../parts/toast.mjs';
import { goTo } from '../router.mjs';
import { call } from '../rpc.mjs';

/** @typedef {import('../types.mjs').Chat} Chat */

/** @param {{chat: Chat}} props */
export function Banners({ chat }) {
  return html`
    <${Status} chat=${chat} />
    <${Missing} chat=${chat} />
  `;
}

/** @param {{chat: Chat}} props */
function Status({ chat }) {
  switch (chat.status) {
    case 'creating':
      return html`<${Banner} icon="info">${t('talk.creating')}<//>`;
    case 'joining':
      return html`<${Banner} icon="info">${t('talk.joining')}<//>`;
    case 'left':
      return html`<${Banner} icon="info">${t('talk.left')}<//>`;
    case 'removed':
      return html`<${Banner} icon="info">${t('talk.removed')}<//>`;
    case 'stuck':
      return html`<${Banner}
        kind="warning"
        icon="warning"
        actions=${html`<${Button} onClick=${() => goTo('repair')}>${t('talk.stuck_more')}<//>
          <${Button} kind="quiet" onClick=${() => leaveChat(chat)}>${t('ending.leave_do')}<//>`}
        >${t('talk.stuck')}<//
      >`;
    default:
      return null;
  }
}

/** @param {{chat: Chat}} props */
function Missing({ chat }) {
  if (!chat.missing || chat.status !== 'active') return null;
  const ask = async () => {
    try {
      await call('repair.fetch', { chat: chat.chat });
      toast(t('talk.missing_asked'));
    } catch (error) {
      toastFailure(error);
    }
  };
  return html`<${Banner}
    icon="info"
    actions=${html`<${Button} onClick=${ask}>${t('talk.missing_ask')}<//>`}
    >${t('talk.missing', { count: chat.missing })}<//
  >`;
}
