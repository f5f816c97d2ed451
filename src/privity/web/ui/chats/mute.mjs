/** For how long a chat is muted. */
import { html } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Button } from '../parts/button.mjs';
import { Dialog } from '../parts/dialog.mjs';
import { calm } from '../parts/name.mjs';
import { setMuted } from './marks.mjs';
import { titleOf } from './title.mjs';

const HOUR = 3600;

/** @param {{chat: import('../types.mjs').Chat, onClose: () => void}} props */
export function Mute({ chat, onClose }) {
  const choose = (/** @type {number} */ seconds) => {
    onClose();
    setMuted(chat, true, seconds);
  };
  return html`<${Dialog} title=${t('mute.title', { name: calm(titleOf(chat)) })} onClose=${onClose}>
    <p class="hint">${t('mute.hint')}</p>
    <div class="stack">
      <${Button} onClick=${() => choose(HOUR)}>${t('mute.hour')}<//>
      <${Button} onClick=${() => choose(8 * HOUR)}>${t('mute.night')}<//>
      <${Button} onClick=${() => choose(7 * 24 * HOUR)}>${t('mute.week')}<//>
      <${Button} onClick=${() => choose(0)}>${t('mute.always')}<//>
    </div>
  <//>`;
}
