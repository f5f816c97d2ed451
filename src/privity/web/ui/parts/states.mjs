/** What stands where there is nothing yet, nothing any more, or something wrong. */
import { html } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Button } from './button.mjs';
import { wordsOf } from './failure.mjs';
import { Icon } from './icon.mjs';

/** @param {{icon: string, title: string, text?: string, children?: any}} props */
export function Empty({ icon, title, text, children }) {
  return html`<div class="empty">
    <${Icon} name=${icon} />
    <h2>${title}</h2>
    ${text && html`<p>${text}</p>`} ${children}
  </div>`;
}

/** @param {{label?: string}} props */
export function Waiting({ label }) {
  return html`<div class="waiting" role="status">
    <span class="spinner" /><span>${label ?? t('common.waiting')}</span>
  </div>`;
}

/**
 * What went wrong, in words, with the next step.
 * @param {{failure: any, retry?: () => void}} props
 */
export function Problem({ failure, retry }) {
  const { message, next } = wordsOf(failure);
  return html`<div class="problem" role="alert">
    <${Icon} name="warning" />
    <div>
      <p dir="auto">${message}</p>
      ${next && html`<p class="next" dir="auto">${next}</p>`}
    </div>
    ${retry && html`<${Button} icon="retry" onClick=${retry}>${t('common.retry')}<//>`}
  </div>`;
}

/**
 * How far long work is, with a way to stop it.
 * @param {{label: string, done: number, total: number, onCancel?: () => void}} props
 */
export function ProgressBar({ label, done, total, onCancel }) {
  return html`<div class="progress">
    <progress
      aria-label=${label}
      value=${total ? done : undefined}
      max=${total || undefined}
    />
    ${onCancel &&
    html`<button type="button" class="icon-button small" aria-label=${t('common.stop')} onClick=${onCancel}>
      <${Icon} name="close" />
    </button>`}
  </div>`;
}

/**
 * A line across the top of a pane: `info`, `warning` or `danger`.
 * @param {{kind?: string, icon?: string, children?: any, actions?: any}} props
 */
export function Banner({ kind = 'info', icon = 'info', children, actions }) {
  return html`<div class="banner ${kind}" role="status">
    <${Icon} name=${icon} />
    <div>${children}</div>
    ${actions && html`<div class="actions">${actions}</div>`}
  </div>`;
}
