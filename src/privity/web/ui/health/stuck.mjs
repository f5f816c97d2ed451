/** Chats that can't go on here: what happened, why, what to do, and what is under way. */
import { html, useState } from '../html.mjs';
import { moment, t } from '../i18n.mjs';
import { Button } from '../parts/button.mjs';
import { Name } from '../parts/name.mjs';
import { Section } from '../parts/page.mjs';
import { toast, toastFailure } from '../parts/toast.mjs';
import { call } from '../rpc.mjs';
import { chats } from '../state/world.mjs';
import { BeginAnew } from './anew.mjs';

/** @param {{stuck: readonly any[], onChanged: () => Promise<void>}} props */
export function StuckChats({ stuck, onChanged }) {
  if (stuck.length === 0) return null;
  return html`<${Section} title=${t('health.stuck')}>
    <ul class="cards">
      ${stuck.map((one) => html`<${Stuck} key=${one.chat} stuck=${one} onChanged=${onChanged} />`)}
    </ul>
  <//>`;
}

/** @param {{stuck: any, onChanged: () => Promise<void>}} props */
function Stuck({ stuck, onChanged }) {
  const [busy, setBusy] = useState(false);
  const chat = chats.value.get(stuck.chat);
  const ask = async () => {
    setBusy(true);
    await call('repair.ask', { chat: stuck.chat }).then(() => toast(t('health.asked')), toastFailure);
    await onChanged();
    setBusy(false);
  };
  return html`<li class="card">
    <h3><${Name} text=${stuck.title} /></h3>
    <p class="hint">${t('health.since', { time: moment(stuck.since) })}</p>
    ${[stuck.happened, stuck.usually, stuck.todo].filter(Boolean).map((line) => html`<p dir="auto">${line}</p>`)}
    ${stuck.now && html`<p><b dir="auto">${stuck.now}</b></p>`}
    ${stuck.unheard && html`<p class="hint">${t('health.unheard')}</p>`}
    <div class="row">
      <${Button} icon="request" busy=${busy} onClick=${ask}>${t('health.ask')}<//>
      ${chat && html`<${BeginAnew} chat=${chat} onChanged=${onChanged} />`}
    </div>
  </li>`;
}
