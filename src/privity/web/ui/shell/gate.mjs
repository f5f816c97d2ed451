/** What fills the window while there is no open profile. */
import { html } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Empty, Problem, Waiting } from '../parts/states.mjs';
import { link } from '../rpc.mjs';
import { GATES } from '../screens.mjs';
import { phase } from '../state/world.mjs';
import { Lazy } from './lazy.mjs';

/** What a person types to open a window. */
const COMMAND = 'privity open';

export function Gate() {
  return html`<main class="gate">${inside()}</main>`;
}

function inside() {
  const now = phase.value;
  if (link.value === 'over') return html`<${Over} />`;
  if (now === null) {
    return link.value === 'down'
      ? html`<${Empty} icon="offline" title=${t('gate.down')} text=${t('gate.down_why')} />`
      : html`<${Waiting} />`;
  }
  const load = GATES[now.phase];
  if (load) return html`<${Lazy} key=${now.phase} load=${load} phase=${now} />`;
  return html`<${Plain} now=${now} />`;
}

/** The session is not known any more: another start of `privity open` is needed. */
function Over() {
  return html`<${Empty} icon="lock" title=${t('gate.over')} text=${t('gate.over_why')}>
    <p><code>${COMMAND}</code></p>
  <//>`;
}

/** @param {{now: import('../types.mjs').Phase}} props */
function Plain({ now }) {
  if (now.error) return html`<${Problem} failure=${now.error} />`;
  if (now.phase === 'opening') return html`<${Waiting} label=${t('gate.opening')} />`;
  return html`<${Empty} icon="lock" title=${t('gate.closed')} text=${t('gate.closed_why')}>
    <p><code>${COMMAND}</code></p>
  <//>`;
}
