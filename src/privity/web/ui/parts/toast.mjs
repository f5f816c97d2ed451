/** Short words at the edge of the window that go away by themselves. */
import { html, signal } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Button, IconButton } from './button.mjs';
import { wordsOf } from './failure.mjs';

/**
 * @typedef {{
 *   id: number, text: string, next: string, kind: string,
 *   action?: {label: string, act: () => void},
 * }} Toast
 */

const STAYS = 6000;
const LONGER = 12_000;
const MOST = 3;
let last = 0;
const shown = signal(/** @type {readonly Toast[]} */ ([]));

/**
 * Tell something; with an action (such as Undo) it stays longer.
 * @param {string} text
 * @param {{next?: string, kind?: 'plain' | 'error', action?: Toast['action']}} [more]
 */
export function toast(text, { next = '', kind = 'plain', action } = {}) {
  last += 1;
  const id = last;
  shown.value = [...shown.value.slice(1 - MOST), { id, text, next, kind, action }];
  const stays = action || next ? LONGER : STAYS;
  const end = () => {
    // Whoever is about to press its button is not hurried.
    if (document.querySelector(`.toasts :focus`)) setTimeout(end, stays);
    else dismiss(id);
  };
  setTimeout(end, stays);
}

/**
 * Tell what failed: what happened, and what to do now.
 * @param {any} error
 */
export function toastFailure(error) {
  if (error?.code === 'interrupted') return;
  const { message, next } = wordsOf(error);
  toast(message, { next, kind: 'error' });
}

/** @param {number} id */
function dismiss(id) {
  shown.value = shown.value.filter((one) => one.id !== id);
}

/** Drop all that is shown. */
export function clearToasts() {
  shown.value = [];
}

/** Where they are shown; the shell has one. */
export function Toasts() {
  return html`<div class="toasts" role="status">
    ${shown.value.map((one) => html`<${One} key=${one.id} toast=${one} />`)}
  </div>`;
}

/** @param {{toast: Toast}} props */
function One({ toast: { id, text, next, kind, action } }) {
  const act = () => {
    dismiss(id);
    action?.act();
  };
  return html`<div class="toast ${kind}">
    <p>${text}${next && html`<small>${next}</small>`}</p>
    ${action && html`<${Button} kind="quiet" onClick=${act}>${action.label}<//>`}
    <${IconButton} icon="close" label=${t('common.close')} onClick=${() => dismiss(id)} />
  </div>`;
}
