/** The recovery key: shown once, then three of its groups asked back. */
import { html, useState } from '../html.mjs';
import { number, t } from '../i18n.mjs';
import { CopyButton } from '../parts/copy.mjs';
import { Button } from '../parts/button.mjs';
import { Field } from '../parts/field.mjs';
import { Banner, Problem } from '../parts/states.mjs';
import { call } from '../rpc.mjs';

/** @param {{value: string, onNext: () => void}} props */
export function ShowKey({ value, onNext }) {
  return html`<div class="recovery">
    <p class="lead">${t('recovery.lead')}</p>
    <ol class="key-groups" dir="ltr" aria-label=${t('recovery.key')}>
      ${value.split('-').map(
        (group, index) => html`<li key=${index}>
          <span class="at" aria-hidden="true">${number(index + 1)}</span><code>${group}</code>
        </li>`,
      )}
    </ol>
    <${Banner} kind="warning" icon="warning">${t('recovery.warning')}<//>
    <div class="begin-foot">
      <${CopyButton} text=${value} />
      <${Button} kind="primary" onClick=${onNext}>${t('recovery.written')}<//>
    </div>
  </div>`;
}

/**
 * @param {{groups: readonly number[], onBack: () => void, onNext: () => void}} props
 */
export function CheckKey({ groups, onBack, onNext }) {
  const [typed, setTyped] = useState(/** @type {Record<number, string>} */ ({}));
  const [failure, setFailure] = useState(/** @type {any} */ (null));
  const [busy, setBusy] = useState(false);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    const answer = Object.fromEntries(groups.map((group) => [group, typed[group] ?? '']));
    await call('ui.recovery_check', { groups: answer }).then(onNext, setFailure);
    setBusy(false);
  };
  return html`<form class="recovery" onSubmit=${submit} novalidate>
    <p class="lead">${t('recovery.check_lead')}</p>
    <div class="key-asked">
      ${groups.map(
        (group) => html`<${Field}
          key=${group}
          label=${t('recovery.group', { number: group })}
          value=${typed[group] ?? ''}
          onInput=${(/** @type {string} */ value) => setTyped({ ...typed, [group]: value })}
          dir="ltr"
          autocomplete="off"
          autocapitalize="characters"
          spellcheck=${false}
          maxlength="12"
        />`,
      )}
    </div>
    ${failure && html`<${Problem} failure=${failure} />`}
    <div class="begin-foot">
      <${Button} kind="quiet" onClick=${onBack}>${t('recovery.show_again')}<//>
      <${Button} kind="primary" type="submit" busy=${busy}>${t('recovery.check')}<//>
    </div>
  </form>`;
}
