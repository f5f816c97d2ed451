/** Proofs that a relay signed two histories of a chat: to be saved, and shown to anybody. */
import { html, useState } from '../html.mjs';
import { moment, t } from '../i18n.mjs';
import { Button } from '../parts/button.mjs';
import { Name } from '../parts/name.mjs';
import { Section } from '../parts/page.mjs';
import { toast, toastFailure } from '../parts/toast.mjs';
import { call } from '../rpc.mjs';
import { saveAs } from '../transfer.mjs';

/** @param {{proofs: readonly any[]}} props */
export function Proofs({ proofs }) {
  if (proofs.length === 0) return null;
  return html`<${Section} title=${t('proof.title')} text=${t('proof.hint')}>
    <ul class="cards">
      ${proofs.map((one) => html`<${Proof} key=${one.chat} proof=${one} />`)}
    </ul>
    <p class="hint">${t('proof.tells')}</p>
    <p class="hint">${t('proof.check')} <code dir="ltr">privity evidence verify</code></p>
  <//>`;
}

/** @param {{proof: {chat: string, title: string, found: number}}} props */
function Proof({ proof }) {
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    try {
      const { name, data } = await call('repair.evidence', { chat: proof.chat });
      saveAs(new Blob([bytesOf(data)]), name);
      toast(t('proof.saved', { name }));
    } catch (error) {
      toastFailure(error);
    }
    setBusy(false);
  };
  return html`<li class="card">
    <h3><${Name} text=${proof.title} /></h3>
    <p class="hint">${t('proof.found', { time: moment(proof.found) })}</p>
    <div class="row"><${Button} icon="download" busy=${busy} onClick=${save}>${t('proof.save')}<//></div>
  </li>`;
}

/** @param {string} base64 */
function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
}
