/** Comparing a safety number: sixty digits, a code to show, one to scan or to paste. */
import { html, useState } from '../html.mjs';
import { t, tx } from '../i18n.mjs';
import { Button } from '../parts/button.mjs';
import { confirm } from '../parts/dialog.mjs';
import { Name, calm } from '../parts/name.mjs';
import { Page, Section } from '../parts/page.mjs';
import { QRCode } from '../parts/qr.mjs';
import { Banner, Problem, Waiting } from '../parts/states.mjs';
import { call } from '../rpc.mjs';
import { useAnswer } from '../state/answer.mjs';
import { Scan } from './scan.mjs';

/** @param {{parts: readonly string[]}} props */
export function VerifyPage({ parts }) {
  const who = parts[0] ?? '';
  const { value, failure, again } = useAnswer('verify', { who });
  const title = t('verify.title');
  if (failure) return html`<${Page} title=${title}><${Problem} failure=${failure} retry=${again} /><//>`;
  if (!value) return html`<${Page} title=${title}><${Waiting} /><//>`;
  return html`<${Page} title=${title}><${Compare} found=${value} onChanged=${again} /><//>`;
}

/**
 * @param {{
 *   found: {person: any, number: readonly string[], qr: string, verified: boolean},
 *   onChanged: () => Promise<void>,
 * }} props
 */
function Compare({ found: { person, number, qr, verified }, onChanged }) {
  const [differs, setDiffers] = useState(/** @type {any} */ (null));
  const [busy, setBusy] = useState(false);
  const name = calm(person.name);
  const say = async (/** @type {object} */ word) => {
    setBusy(true);
    setDiffers(null);
    await call('verify', { who: person.account, ...word }).catch(setDiffers);
    await onChanged();
    setBusy(false);
  };
  const doubt = async () => {
    if (busy) return;
    const question = {
      title: t('verify.doubt_sure', { name }),
      text: t('verify.doubt_meaning'),
      action: t('verify.differ'),
      danger: true,
    };
    if (await confirm(question)) await say({ doubt: true });
  };
  return html`
    ${verified && html`<${Banner} icon="shield">${t('verify.is', { name })}<//>`}
    ${differs && html`<${Problem} failure=${differs} />`}
    <${Section} text=${t('verify.lead', { name })}>
      <${Digits} number=${number} />
      <div class="row">
        ${!verified &&
        html`<${Button} kind="primary" icon="check" busy=${busy} onClick=${() => say({ confirm: true })}
          >${t('verify.same')}<//
        >`}
        <${Button} icon="warning" onClick=${doubt}>${t('verify.differ')}<//>
      </div>
    <//>
    <${Section} title=${t('verify.code')} text=${t('verify.code_hint', { name })}>
      <${QRCode} text=${qr} label=${t('verify.code')} />
    <//>
    <${Scan} onRead=${(/** @type {string} */ scanned) => say({ scanned })} />
    <${Section} title=${t('verify.how')}>
      <ul class="plain-list">
        <li>${t('verify.how_meet')}</li>
        <li>${t('verify.how_call')}</li>
        <li>${tx('verify.how_never', { name: html`<${Name} text=${name} />` })}</li>
      </ul>
    <//>
  `;
}

/** @param {{number: readonly string[]}} props */
function Digits({ number }) {
  return html`<ol class="digits" dir="ltr" aria-label=${t('verify.number')}>
    ${number.map(
      // Digits one by one: "12345" is not read as twelve thousand.
      (group, index) => html`<li key=${index}>
        <span aria-hidden="true">${group}</span><span class="unseen">${Array.from(group).join(' ')}</span>
      </li>`,
    )}
  </ol>`;
}
