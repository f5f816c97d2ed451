/** A device that stands still: its data went back twice in a day, and a person decides. */
import { html, useState } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Button } from '../parts/button.mjs';
import { confirm } from '../parts/dialog.mjs';
import { Section } from '../parts/page.mjs';
import { toast, toastFailure } from '../parts/toast.mjs';
import { call } from '../rpc.mjs';
import { offBecause } from '../state/online.mjs';

/** @param {{onChanged: () => Promise<void>}} props */
export function Device({ onChanged }) {
  const [busy, setBusy] = useState(false);
  if (offBecause.value !== 'rolled_back' && !busy) return null;
  const goOn = async () => {
    const question = { title: t('device.sure'), text: t('device.meaning'), action: t('device.only'), danger: true };
    if (!(await confirm(question))) return;
    setBusy(true);
    await call('repair.device').then(() => toast(t('device.done')), toastFailure);
    await onChanged();
    setBusy(false);
  };
  return html`<${Section} title=${t('device.title')}>
    <div class="card">
      <p>${t('device.happened')}</p>
      <p>${t('device.usually')}</p>
      <p>${t('device.todo')}</p>
      <p class="hint">${t('device.alone')}</p>
      <div class="row"><${Button} kind="primary" busy=${busy} onClick=${goOn}>${t('device.do')}<//></div>
    </div>
  <//>`;
}
