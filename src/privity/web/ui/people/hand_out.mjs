/** A link of one's own to hand out: as text, and as a QR code. */
import { html, useState } from '../html.mjs';
import { moment, t } from '../i18n.mjs';
import { Button } from '../parts/button.mjs';
import { CopyButton } from '../parts/copy.mjs';
import { Choice } from '../parts/field.mjs';
import { Section } from '../parts/page.mjs';
import { QRCode } from '../parts/qr.mjs';
import { Problem } from '../parts/states.mjs';
import { call } from '../rpc.mjs';

const DAY = 86_400;
const TIMES = { day: DAY, week: 7 * DAY, month: 30 * DAY, ever: 0 };
const USES = { one: 1, any: 0 };

export function HandOut() {
  const [time, setTime] = useState('week');
  const [uses, setUses] = useState('one');
  const [made, setMade] = useState(/** @type {any} */ (null));
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState(/** @type {any} */ (null));
  const make = async () => {
    setBusy(true);
    setFailure(null);
    const wish = {
      expires_in: TIMES[/** @type {keyof typeof TIMES} */ (time)],
      uses: USES[/** @type {keyof typeof USES} */ (uses)],
    };
    await call('invite', wish).then(setMade, setFailure);
    setBusy(false);
  };
  return html`<${Section} title=${t('link.title')} text=${t('link.hint')}>
    ${made
      ? html`<${Made} made=${made} onAgain=${() => setMade(null)} />`
      : html`<div class="link-wish">
          <${Choice}
            label=${t('link.uses')}
            value=${uses}
            onChange=${setUses}
            options=${Object.keys(USES).map((value) => ({ value, label: t(`link.uses.${value}`) }))}
          />
          <${Choice}
            label=${t('link.time')}
            value=${time}
            onChange=${setTime}
            options=${Object.keys(TIMES).map((value) => ({ value, label: t(`link.time.${value}`) }))}
          />
          ${failure && html`<${Problem} failure=${failure} />`}
          <${Button} kind="primary" icon="link" busy=${busy} onClick=${make}>${t('link.make')}<//>
        </div>`}
  <//>`;
}

/** @param {{made: {link: string, expires: number, uses: number}, onAgain: () => void}} props */
function Made({ made, onAgain }) {
  return html`<div class="handed">
    <${QRCode} text=${made.link} label=${t('link.qr')} />
    <div class="handed-words">
      <output class="link-text" dir="ltr" tabindex="0" aria-label=${t('link.title')}>${made.link}</output>
      <p class="hint">
        ${made.uses === 1 ? t('link.for_one') : t('link.for_any')}${' '}
        ${made.expires ? t('link.until', { time: moment(made.expires) }) : t('link.for_ever')}
      </p>
      <div class="row">
        <${CopyButton} text=${made.link} kind="primary" label=${t('link.copy')} />
        <${Button} kind="quiet" onClick=${onAgain}>${t('link.another')}<//>
      </div>
    </div>
  </div>`;
}
