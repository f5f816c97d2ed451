/** Whether all is well: what can't go on, who waits for help, and what doctor says. */
import { html, useState } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Button } from '../parts/button.mjs';
import { Icon } from '../parts/icon.mjs';
import { Page, Section } from '../parts/page.mjs';
import { Banner, Problem, Waiting } from '../parts/states.mjs';
import { useAnswer } from '../state/answer.mjs';
import { offBecause } from '../state/online.mjs';
import { Device } from './device.mjs';
import { Pleas } from './pleas.mjs';
import { Proofs } from './proofs.mjs';
import { Refounds } from './refounds.mjs';
import { StuckChats } from './stuck.mjs';

export function Health() {
  const repairs = useAnswer('repair.list');
  return html`<${Page} title=${t('health.title')}>
    <${Device} onChanged=${repairs.again} />
    ${repairs.failure && html`<${Problem} failure=${repairs.failure} retry=${repairs.again} />`}
    ${!repairs.failure && !repairs.value && html`<${Waiting} />`}
    ${repairs.value && html`<${Repairs} found=${repairs.value} onChanged=${repairs.again} />`}
    <${Doctor} />
  <//>`;
}

/** @param {{found: any, onChanged: () => Promise<void>}} props */
function Repairs({ found: { stuck, pleas, refounds, proofs }, onChanged }) {
  if (stuck.length + pleas.length + refounds.length + proofs.length === 0) {
    if (offBecause.value === 'rolled_back') return null;
    return html`<${Banner} icon="check">${t('health.nothing')}<//>`;
  }
  return html`
    <${StuckChats} stuck=${stuck} onChanged=${onChanged} />
    <${Pleas} pleas=${pleas} onChanged=${onChanged} />
    <${Refounds} refounds=${refounds} onChanged=${onChanged} />
    <${Proofs} proofs=${proofs} />
  `;
}

function Doctor() {
  const { value, failure, again } = useAnswer('doctor');
  const [busy, setBusy] = useState(false);
  const look = async () => {
    setBusy(true);
    await again();
    setBusy(false);
  };
  return html`<${Section} title=${t('doctor.title')} text=${t('doctor.hint')}>
    ${failure && html`<${Problem} failure=${failure} />`}
    ${!value && !failure && html`<${Waiting} label=${t('doctor.looking')} />`}
    ${value &&
    html`<ul class="checks">
      ${value.checks.map((/** @type {any} */ check) => html`<${Check} key=${check.name} check=${check} />`)}
    </ul>`}
    <${Button} icon="retry" busy=${busy} onClick=${look}>${t('doctor.again')}<//>
  <//>`;
}

/** @param {{check: {name: string, ok: boolean, detail: string, next: string}}} props */
function Check({ check: { name, ok, detail, next } }) {
  return html`<li class=${ok ? 'well' : 'unwell'}>
    <${Icon} name=${ok ? 'check' : 'warning'} />
    <div>
      <p><b dir="auto">${name}</b> <span class="verdict">${ok ? t('doctor.well') : t('doctor.unwell')}</span></p>
      <p class="hint" dir="auto">${detail}</p>
      ${!ok && next && html`<p dir="auto">${next}</p>`}
    </div>
  </li>`;
}
