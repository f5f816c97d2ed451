/** Whether a person's safety number was compared: a drawing and a word, never a colour alone. */
import { html } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Icon } from '../parts/icon.mjs';

/** @param {{trust: string}} props as a verb says it */
export function Trust({ trust }) {
  const name = trust.replaceAll(' ', '_');
  return html`<span class="trust ${name}">
    ${trust === 'verified' && html`<${Icon} name="shield" />`}${t(`trust.${name}`)}
  </span>`;
}
