/** What the server can and can't see, before there is an account. */
import { html } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Button } from '../parts/button.mjs';
import { Icon } from '../parts/icon.mjs';

const CANNOT = ['content', 'names', 'members', 'reading'];
const CAN = ['account', 'address', 'sizes', 'times'];

/** @param {{onBack: () => void, onNext: () => void}} props */
export function Sees({ onBack, onNext }) {
  return html`<div class="sees">
    <${SeesLists} />
    <p class="hint">${t('sees.hint')}</p>
    <div class="begin-foot">
      <${Button} kind="quiet" onClick=${onBack}>${t('common.back')}<//>
      <${Button} kind="primary" onClick=${onNext}>${t('common.next')}<//>
    </div>
  </div>`;
}

/** The two lists alone; "What left this device" shows them too. */
export function SeesLists() {
  return html`<div class="sees-lists">
    <section class="cannot">
      <h2>${t('sees.cannot')}</h2>
      <ul>
        ${CANNOT.map((one) => html`<li key=${one}><${Icon} name="lock" />${t(`sees.cannot.${one}`)}</li>`)}
      </ul>
    </section>
    <section class="can">
      <h2>${t('sees.can')}</h2>
      <ul>
        ${CAN.map((one) => html`<li key=${one}><${Icon} name="eye" />${t(`sees.can.${one}`)}</li>`)}
      </ul>
    </section>
  </div>`;
}
