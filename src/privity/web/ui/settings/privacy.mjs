/** What others get to know, and who may ask for a chat. */
import { html, useState } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Switch } from '../parts/field.mjs';
import { Section } from '../parts/page.mjs';
import { Problem, Waiting } from '../parts/states.mjs';
import { call } from '../rpc.mjs';
import { useAnswer } from '../state/answer.mjs';
import { lane } from '../state/world.mjs';

export function PrivacySettings() {
  const typing = {
    title: t('privacy.typing'),
    label: t('privacy.typing_switch'),
    hint: t('privacy.typing_hint'),
  };
  const receipts = {
    title: t('receipts.title'),
    label: t('receipts.switch'),
    hint: t('receipts.hint'),
  };
  return html`
    <${VerbSwitch} verb="receipts" words=${receipts} />
    <${VerbSwitch} verb="typing" words=${typing} />
    <${LaneSwitch} />
  `;
}

/**
 * A verb that is asked without `on` and set with it.
 * @param {{verb: string, words: {title: string, label: string, hint: string}}} props
 */
function VerbSwitch({ verb, words }) {
  const { value, failure, again } = useAnswer(verb);
  const [wrong, setWrong] = useState(/** @type {any} */ (null));
  const change = async (/** @type {boolean} */ on) => {
    setWrong(null);
    await call(verb, { on }).catch(setWrong);
    await again();
  };
  const problem = wrong ?? failure;
  return html`<${Section} title=${words.title}>
    ${value
      ? html`<${Switch} label=${words.label} hint=${words.hint} on=${value.on} onChange=${change} />`
      : !problem && html`<${Waiting} />`}
    ${problem && html`<${Problem} failure=${problem} />`}
  <//>`;
}

function LaneSwitch() {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState(/** @type {any} */ (null));
  const change = async (/** @type {boolean} */ closed) => {
    if (busy) return;
    setBusy(true);
    setFailure(null);
    await call(closed ? 'requests.close' : 'requests.open').then(() => {
      lane.value = { closed };
    }, setFailure);
    setBusy(false);
  };
  return html`<${Section} title=${t('privacy.requests')}>
    <${Switch}
      label=${t('privacy.closed')}
      hint=${t('privacy.closed_hint')}
      on=${lane.value.closed}
      onChange=${change}
    />
    ${failure && html`<${Problem} failure=${failure} />`}
  <//>`;
}
