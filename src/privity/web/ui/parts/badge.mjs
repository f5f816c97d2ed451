/** A small count; what it counts is said where it stands, not here. */
import { html } from '../html.mjs';
import { number } from '../i18n.mjs';

const MOST = 999;

/** @param {{count: number, quiet?: boolean}} props */
export function Badge({ count, quiet = false }) {
  if (!count) return null;
  const shown = count > MOST ? `${number(MOST)}+` : number(count);
  return html`<span class="badge ${quiet ? 'quiet' : ''}" aria-hidden="true">${shown}</span>`;
}
