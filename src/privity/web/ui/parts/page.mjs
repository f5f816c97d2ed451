/** The frame of a screen that is not a conversation: a heading, and what is under it. */
import { html, useEffect, useRef } from '../html.mjs';
import { t } from '../i18n.mjs';
import { goBack } from '../router.mjs';
import { IconButton } from './button.mjs';

/**
 * @param {{title: string, children?: any, actions?: any, onBack?: () => void}} props
 *   the heading takes the focus when the screen is opened, so that it is read aloud
 */
export function Page({ title, children, actions, onBack = goBack }) {
  const heading = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return html`<div class="page">
    <header class="bar">
      <${IconButton} icon="back" label=${t('common.back')} onClick=${onBack} />
      <h1 ref=${heading} tabindex="-1">${title}</h1>
      ${actions}
    </header>
    <div class="page-body">${children}</div>
  </div>`;
}

/** @param {{title?: string, text?: string, children?: any}} props */
export function Section({ title, text, children }) {
  return html`<section class="section">
    ${title && html`<h2>${title}</h2>`} ${text && html`<p class="hint">${text}</p>`} ${children}
  </section>`;
}
