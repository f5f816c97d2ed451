/** What somebody wants, and what becomes of a chat that is there already. */
import { html } from '../html.mjs';
import { t } from '../i18n.mjs';
import { calm } from '../parts/name.mjs';
import { Banner } from '../parts/states.mjs';

/** @typedef {import('../types.mjs').RequestInfo} RequestInfo */

/** A member lets this device back into a chat that is stuck here. @param {RequestInfo} request */
export function isReadmission(request) {
  return request.state === 'held';
}

/** @param {{request: RequestInfo}} props */
export function Wish({ request }) {
  if (isReadmission(request)) return html`<${Readmission} request=${request} />`;
  return html`<p>${wishOf(request)}</p>
    ${request.into && html`<${Banner} kind="warning" icon="info">${t('requests.anew')} <${Unsent} count=${request.unsent ?? 0} /><//>`}`;
}

/** @param {{request: RequestInfo}} props */
function Readmission({ request }) {
  const title = calm(request.title) || t('chats.untitled');
  return html`<p><strong>${t('requests.readmits', { name: calm(request.sender.name), title })}</strong></p>
    <p>${t('requests.readmits_why')} <${Unsent} count=${request.unsent ?? 0} /></p>
    <${Banner} kind="warning" icon="warning">${t('requests.readmits_care')}<//>`;
}

/** What waits in the chat that ends. @param {{count: number}} props */
function Unsent({ count }) {
  return count ? t('requests.unsent', { count }) : null;
}

/** @param {RequestInfo} request */
function wishOf(request) {
  if (request.kind === 'group') return t('requests.group', { title: calm(request.title) });
  return request.by_link ? t('requests.by_link') : t('requests.direct');
}
