/** What was just said and is not yet kept by the client, or was refused by it. */
import { html } from '../html.mjs';
import { size, t } from '../i18n.mjs';
import { Button } from '../parts/button.mjs';
import { Icon } from '../parts/icon.mjs';
import { Name } from '../parts/name.mjs';
import { ProgressBar } from '../parts/states.mjs';
import { dropPending, sendAgain } from './outbox.mjs';
import { Words } from './words.mjs';

/** @param {{pending: import('./outbox.mjs').Pending}} props */
export function PendingBubble({ pending }) {
  const failed = pending.state === 'failed';
  return html`<li class="message mine first last pending ${failed ? 'failed' : ''}" data-key="pending ${pending.id}">
    <div class="bubble">
      ${pending.files.map(
        (file) => html`<div class="file-card" key=${file.name}>
          <${Icon} name="file" />
          <span class="file-words"><${Name} text=${file.name} /><span class="sub">${size(file.size)}</span></span>
        </div>`,
      )}
      <div class="flow" dir="auto">
        ${pending.text && html`<${Words} text=${pending.text} />`}
        ${!failed && html`<${UnderWay} pending=${pending} />`}
      </div>
      ${failed && html`<${Refused} pending=${pending} />`}
    </div>
  </li>`;
}

/** @param {{pending: import('./outbox.mjs').Pending}} props */
function UnderWay({ pending }) {
  if (!pending.files.length) return html`<div class="meta"><span class="state">${t('state.sending')}</span></div>`;
  const { done, total } = pending.progress ?? { done: 0, total: 0 };
  return html`<${ProgressBar} label=${t('state.sending')} done=${done} total=${total} onCancel=${() => dropPending(pending)} />`;
}

/** @param {{pending: import('./outbox.mjs').Pending}} props */
function Refused({ pending }) {
  const { failure } = pending;
  return html`<div class="failed-actions" role="alert">
    <p>${failure?.message || t('failed.lost')}</p>
    ${failure?.next && html`<p>${failure.next}</p>`}
    <${Button} kind="quiet" icon="retry" onClick=${() => sendAgain(pending)}>${t('common.retry')}<//>
    <${Button} kind="quiet" icon="trash" onClick=${() => dropPending(pending)}>${t('failed.drop')}<//>
  </div>`;
}
