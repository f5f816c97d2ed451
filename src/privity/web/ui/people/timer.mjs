/** After how long new messages of a chat disappear; every member can set it. */
import { html, useState } from '../html.mjs';
import { span, t } from '../i18n.mjs';
import { Choice } from '../parts/field.mjs';
import { Section } from '../parts/page.mjs';
import { Problem } from '../parts/states.mjs';
import { call } from '../rpc.mjs';

const HOUR = 3600;
const USUAL = [0, HOUR, 24 * HOUR, 7 * 24 * HOUR, 28 * 24 * HOUR];

/** @param {{chat: any}} props a chat, active */
export function TimerChoice({ chat }) {
  return html`<${Section} title=${t('timer.title')} text=${t('timer.hint')}><${TimerBody} chat=${chat} /><//>`;
}

/** @param {{chat: any}} props a chat, active */
export function TimerBody({ chat }) {
  const [failure, setFailure] = useState(/** @type {any} */ (null));
  const [asked, setAsked] = useState(/** @type {number | null} */ (null));
  const now = asked ?? chat.timer ?? 0;
  const choose = async (/** @type {string} */ value) => {
    setFailure(null);
    setAsked(Number(value));
    await call('timer', { chat: chat.chat, seconds: Number(value) }).catch((error) => {
      setFailure(error);
      setAsked(null);
    });
  };
  const all = USUAL.includes(now) ? USUAL : [...USUAL, now];
  return html`
    <div class="link-wish">
      <${Choice}
        label=${t('timer.after')}
        value=${String(now)}
        onChange=${choose}
        options=${all.map((seconds) => ({ value: String(seconds), label: labelOf(seconds) }))}
      />
    </div>
    ${failure && html`<${Problem} failure=${failure} />`}
  `;
}

/** @param {number} seconds */
function labelOf(seconds) {
  if (USUAL.includes(seconds)) return t(`timer.${seconds}`);
  return span(seconds);
}
