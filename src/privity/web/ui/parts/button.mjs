/** Buttons: with a word, or with a drawing alone whose word is read aloud. */
import { html } from '../html.mjs';
import { Icon } from './icon.mjs';

/**
 * @param {{
 *   kind?: 'plain' | 'primary' | 'danger' | 'quiet',
 *   icon?: string,
 *   busy?: boolean,
 *   disabled?: boolean,
 *   type?: 'button' | 'submit',
 *   children?: any,
 *   [more: string]: any,
 * }} props
 */
export function Button({ kind = 'plain', icon, busy, disabled, type = 'button', onClick, children, ...more }) {
  // A disabled button loses the focus, and whoever pressed it their place on the page.
  const act = (/** @type {MouseEvent} */ event) => (busy ? event.preventDefault() : onClick?.(event));
  return html`<button
    ...${more}
    type=${type}
    class="button ${kind}"
    disabled=${disabled && !busy}
    aria-disabled=${busy ? 'true' : undefined}
    aria-busy=${busy ? 'true' : undefined}
    onClick=${act}
  >
    ${busy ? html`<span class="spinner" />` : icon && html`<${Icon} name=${icon} />`}
    <span>${children}</span>
  </button>`;
}

/** @param {{icon: string, label: string, class?: string, [more: string]: any}} props */
export function IconButton({ icon, label, class: extra = '', ...more }) {
  return html`<button
    type="button"
    ...${more}
    class="icon-button ${extra}"
    aria-label=${label}
    title=${label}
  >
    <${Icon} name=${icon} />
  </button>`;
}

/**
 * A link that looks like a button.
 * @param {{href: string, kind?: string, icon?: string, children?: any, [more: string]: any}} props
 */
export function ButtonLink({ href, kind = 'plain', icon, children, ...more }) {
  return html`<a ...${more} href=${href} class="button ${kind}">
    ${icon && html`<${Icon} name=${icon} />`}<span>${children}</span>
  </a>`;
}
