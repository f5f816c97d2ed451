/**
 * A time for the next message alone. It stands over the box until that is sent, and is
 * kept with no draft: a text that comes back after days would be thought to have it.
 */
import { html } from '../html.mjs';
import { span, t } from '../i18n.mjs';
import { IconButton } from '../parts/button.mjs';
import { Icon } from '../parts/icon.mjs';
import { MenuButton } from '../parts/menu.mjs';
import { focusComposer } from './talk_state.mjs';

/** @typedef {import('./talk_state.mjs').TalkState} TalkState */

const [MINUTE, HOUR] = [60, 3600];
/** As for a chat, and shorter: a password is read once. */
const USUAL = [MINUTE / 2, 5 * MINUTE, HOUR, 24 * HOUR, 7 * 24 * HOUR, 28 * 24 * HOUR];

/** @param {{chat: import('../types.mjs').Chat, talk: TalkState}} props */
export function OnceButton({ chat, talk }) {
  const choose = (/** @type {number | null} */ seconds) => {
    talk.expires.value = seconds;
    focusComposer();
  };
  const items = () => [
    ...USUAL.map((seconds) => ({ label: t('once.choice', { time: span(seconds) }), act: () => choose(seconds) })),
    ...(chat.timer ? [{ label: t('once.never'), act: () => choose(0) }] : []),
    ...(talk.expires.value === null ? [] : [{ label: t('once.none'), act: () => choose(null) }]),
  ];
  return html`<${MenuButton} label=${t('once.title')} icon="clock" class="small" items=${items} />`;
}

/** @param {{talk: TalkState}} props */
export function OnceChip({ talk }) {
  const seconds = talk.expires.value;
  if (seconds === null || talk.editing.value) return null;
  const drop = () => {
    talk.expires.value = null;
    focusComposer();
  };
  return html`<div class="once-chip" role="status">
    <${Icon} name="clock" />
    <span>${seconds ? t('once.after', { time: span(seconds) }) : t('once.stays')}</span>
    <${IconButton} icon="close" class="small" label=${t('once.none')} onClick=${drop} />
  </div>`;
}
