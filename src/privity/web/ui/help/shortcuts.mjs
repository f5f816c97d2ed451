/** The sheet of all keys. */
import { html } from '../html.mjs';
import { t } from '../i18n.mjs';
import { SHORTCUTS } from '../keys.mjs';
import { Dialog } from '../parts/dialog.mjs';

const GROUPS = /** @type {const} */ (['everywhere', 'conversation', 'composer']);
/** Keys that have a drawing everybody knows; the others are called by their name. */
const DRAWN = { ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→' };
const NAMED = ['Ctrl', 'Alt', 'Shift', 'Enter', 'Escape', 'PageUp', 'PageDown'];

/** @param {{onClose: () => void}} props */
export function ShortcutsSheet({ onClose }) {
  return html`<${Dialog} title=${t('keys.title')} onClose=${onClose} wide>
    ${GROUPS.map(
      (group) => html`<section key=${group} class="shortcuts">
        <h3>${t(`keys.group.${group}`)}</h3>
        <dl>
          ${SHORTCUTS.filter((one) => one.group === group).map(
            ({ keys, says }) => html`<div key=${keys + says}>
              <dt>${t(says)}</dt>
              <dd dir="ltr">${keys.split('+').map((key) => html`<kbd>${keyName(key)}</kbd>`)}</dd>
            </div>`,
          )}
        </dl>
      </section>`,
    )}
  <//>`;
}

/** @param {string} key */
function keyName(key) {
  if (NAMED.includes(key)) return t(`key.${key}`);
  return DRAWN[/** @type {keyof typeof DRAWN} */ (key)] ?? key;
}
