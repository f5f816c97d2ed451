/** What opens the profile on this device: a passphrase, typed twice. */
import { html, useState } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Button } from '../parts/button.mjs';
import { Field, Switch } from '../parts/field.mjs';
import { Problem } from '../parts/states.mjs';

const SHORT = 12;

/**
 * @param {{
 *   onBack: () => void,
 *   onNext: (secret: {passphrase: string, keyring: boolean}) => Promise<void>,
 * }} props
 */
export function Passphrase({ onBack, onNext }) {
  const [first, setFirst] = useState('');
  const [again, setAgain] = useState('');
  const [plain, setPlain] = useState(false);
  const [keyring, setKeyring] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState(/** @type {any} */ (null));
  const [tried, setTried] = useState(false);
  const wrong = tried ? problem(first, again) : {};
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(problem(first, again)).length > 0) return;
    setBusy(true);
    setFailure(null);
    await onNext({ passphrase: first, keyring }).catch(setFailure);
    setBusy(false);
  };
  const type = plain ? 'text' : 'password';
  return html`<form onSubmit=${submit} novalidate>
    <p class="lead">${t('begin.passphrase_lead')}</p>
    <${Field}
      label=${t('begin.passphrase')}
      hint=${first && first.length < SHORT ? t('begin.passphrase_short') : t('begin.passphrase_hint')}
      value=${first}
      error=${wrong.first}
      onInput=${setFirst}
      type=${type}
      dir="ltr"
      autocomplete="new-password"
      spellcheck=${false}
      maxlength="1024"
    />
    <${Field}
      label=${t('begin.passphrase_again')}
      value=${again}
      error=${wrong.again}
      onInput=${setAgain}
      type=${type}
      dir="ltr"
      autocomplete="new-password"
      spellcheck=${false}
      maxlength="1024"
    />
    <${Switch} label=${t('begin.passphrase_show')} on=${plain} onChange=${setPlain} />
    <${Switch}
      label=${t('begin.keyring')}
      hint=${t('begin.keyring_hint')}
      on=${keyring}
      onChange=${setKeyring}
    />
    ${failure && html`<${Problem} failure=${failure} />`}
    <p class="hint" role="status">${busy && t('begin.making')}</p>
    <div class="begin-foot">
      <${Button} kind="quiet" disabled=${busy} onClick=${onBack}>${t('common.back')}<//>
      <${Button} kind="primary" type="submit" busy=${busy}>${t('begin.make')}<//>
    </div>
  </form>`;
}

/**
 * @param {string} first
 * @param {string} again
 * @returns {{first?: string, again?: string}}
 */
function problem(first, again) {
  if (!first) return { first: t('begin.passphrase_missing') };
  if (first !== again) return { again: t('begin.passphrases_differ') };
  return {};
}
