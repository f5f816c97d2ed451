/** The locked profile: its passphrase, or another profile. */
import { html, useEffect, useRef, useState } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Button } from '../parts/button.mjs';
import { Field } from '../parts/field.mjs';
import { Icon } from '../parts/icon.mjs';
import { Name } from '../parts/name.mjs';
import { Problem } from '../parts/states.mjs';
import { call } from '../rpc.mjs';
import { LanguageMenu } from '../settings/language_menu.mjs';

/** @param {{profile: string, relay?: string, failure?: any}} props */
export function Unlock({ profile, relay = '', failure: earlier = null }) {
  const [passphrase, setPassphrase] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState(earlier);
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  useEffect(() => input.current?.focus(), []);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    await call('ui.unlock', { passphrase }).catch((/** @type {any} */ error) => {
      setFailure(error);
      input.current?.select();
    });
    setBusy(false);
  };
  return html`<div class="begin unlock">
    <form class="begin-card" onSubmit=${submit} novalidate>
      <div class="begin-top"><${Icon} name="lock" /><${LanguageMenu} /></div>
      <h1>${t('unlock.title')}</h1>
      <p class="lead"><${Name} text=${profile} />${relay && html` · <bdi>${relay}</bdi>`}</p>
      <${Field}
        label=${t('begin.passphrase')}
        value=${passphrase}
        error=${failure?.code === 'locked' ? t('unlock.wrong') : ''}
        onInput=${setPassphrase}
        input=${input}
        type="password"
        dir="ltr"
        autocomplete="current-password"
        maxlength="1024"
      />
      ${failure && failure.code !== 'locked' && html`<${Problem} failure=${failure} />`}
      <div class="begin-foot">
        <span class="hint">${t('unlock.hint')}</span>
        <${Button} kind="primary" type="submit" icon="lock" busy=${busy} disabled=${!passphrase}
          >${t('unlock.do')}<//
        >
      </div>
    </form>
  </div>`;
}
