/** Offers to go on with a chat that broke, in a new one. */
import { html, useState } from '../html.mjs';
import { list, moment, t } from '../i18n.mjs';
import { Button } from '../parts/button.mjs';
import { calm } from '../parts/name.mjs';
import { Section } from '../parts/page.mjs';
import { toastFailure } from '../parts/toast.mjs';
import { call } from '../rpc.mjs';

/** @param {{refounds: readonly any[], onChanged: () => Promise<void>}} props */
export function Refounds({ refounds, onChanged }) {
  if (refounds.length === 0) return null;
  return html`<${Section} title=${t('refound.title')}>
    <ul class="cards">
      ${refounds.map((one) => html`<${Offer} key=${one.request} offer=${one} onChanged=${onChanged} />`)}
    </ul>
  <//>`;
}

/** @param {{offer: any, onChanged: () => Promise<void>}} props */
function Offer({ offer, onChanged }) {
  const [busy, setBusy] = useState(false);
  const decide = async (/** @type {string} */ verb) => {
    setBusy(true);
    await call(verb, { request: offer.request }).catch(toastFailure);
    await onChanged();
    setBusy(false);
  };
  const [name, title] = [calm(offer.person.name), calm(offer.title)];
  const left = offer.without.map((/** @type {any} */ one) => calm(one.name));
  return html`<li class="card">
    <h3>${t('refound.who', { name, title })}</h3>
    ${offer.text && html`<p dir="auto">${offer.text}</p>`}
    <p>${left.length ? t('refound.without', { names: list(left) }) : t('refound.with_all')}</p>
    ${offer.stronger && html`<p>${t('refound.stronger')}</p>`}
    <p class="hint">${moment(offer.received)}</p>
    <div class="row">
      <${Button} kind="primary" busy=${busy} onClick=${() => decide('accept')}>${t('refound.accept')}<//>
      <${Button} busy=${busy} onClick=${() => decide('decline')}>${t('refound.decline')}<//>
    </div>
  </li>`;
}
