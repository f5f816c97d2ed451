/** Above the box: what is answered, or which message is changed. */
import { html } from '../html.mjs';
import { t } from '../i18n.mjs';
import { IconButton } from '../parts/button.mjs';
import { Icon } from '../parts/icon.mjs';
import { calm } from '../parts/name.mjs';
import { focusComposer } from './talk_state.mjs';

/** @param {{talk: import('./talk_state.mjs').TalkState}} props */
export function ComposerBar({ talk }) {
  const answered = talk.replyTo.value;
  const edited = talk.editing.value;
  const message = edited ?? answered;
  if (!message) return null;
  const end = () => {
    talk.replyTo.value = null;
    talk.editing.value = null;
    focusComposer();
  };
  const me = message.sender.trust === 'me';
  const name = me ? t('trust.me') : calm(message.sender.name);
  return html`<div class="composer-bar">
    <${Icon} name=${edited ? 'edit' : 'reply'} />
    <div>
      <strong>${edited ? t('compose.editing') : t('compose.replying', { name })}</strong>
      <span class="quote-words" dir="auto">${calm(message.text || message.file?.name || '')}</span>
    </div>
    <${IconButton} icon="close" class="small" label=${t('compose.stop')} onClick=${end} />
  </div>`;
}
