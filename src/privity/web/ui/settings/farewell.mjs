/** Deleting the account: from its groups, its relay and this disk, after typing its name. */
import { html, useState } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Button } from '../parts/button.mjs';
import { Dialog } from '../parts/dialog.mjs';
import { Field, Switch } from '../parts/field.mjs';
import { calm } from '../parts/name.mjs';
import { Section } from '../parts/page.mjs';
import { Problem } from '../parts/states.mjs';
import { toast } from '../parts/toast.mjs';
import { goTo } from '../router.mjs';
import { call } from '../rpc.mjs';

/** @typedef {import('../types.mjs').Account} Account */

/** @param {{account: Account}} props */
export function Farewell({ account }) {
  const [asked, setAsked] = useState(false);
  return html`<${Section} title=${t('farewell.title')} text=${t('farewell.hint')}>
    <${Button} kind="danger" icon="trash" onClick=${() => setAsked(true)}>${t('farewell.ask')}<//>
    ${asked && html`<${Sure} account=${account} onClose=${() => setAsked(false)} />`}
  <//>`;
}

/** @param {{account: Account, onClose: () => void}} props */
function Sure({ account, onClose }) {
  const [typed, setTyped] = useState('');
  const [onlyHere, setOnlyHere] = useState(!account.holds_identity_key);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState(/** @type {any} */ (null));
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!isNamed(typed, account)) return;
    setBusy(true);
    setFailure(null);
    try {
      await call('account.delete', { confirm: typed.trim(), only_here: onlyHere });
      onClose();
      goTo('');
      toast(t('farewell.done'));
    } catch (error) {
      setFailure(error);
    }
    setBusy(false);
  };
  return html`<${Dialog} title=${t('farewell.sure')} onClose=${busy ? () => {} : onClose}>
    <form onSubmit=${submit} novalidate>
      <ul class="hint">
        ${['here', onlyHere ? 'stays' : 'relay', 'others'].map((what) => html`<li key=${what}>${t(`farewell.${what}`)}</li>`)}
      </ul>
      <${Switch}
        label=${t('farewell.only_here')}
        hint=${account.holds_identity_key ? t('farewell.only_here_hint') : t('farewell.no_key')}
        on=${onlyHere}
        disabled=${!account.holds_identity_key || busy}
        onChange=${setOnlyHere}
      />
      <${Field}
        label=${t('farewell.type', { name: calm(account.name) })}
        value=${typed}
        onInput=${setTyped}
        autocomplete="off"
        spellcheck=${false}
        maxlength="512"
      />
      ${failure && html`<${Problem} failure=${failure} />`}
      <div class="row">
        <${Button} disabled=${busy} onClick=${onClose}>${t('common.cancel')}<//>
        <${Button} type="submit" kind="danger" busy=${busy} disabled=${!isNamed(typed, account)}>${t('farewell.do')}<//>
      </div>
    </form>
  <//>`;
}

/**
 * Whether the account's name or handle was typed; the client looks again.
 * @param {string} typed
 * @param {Account} account
 */
function isNamed(typed, { name, handle, account }) {
  const plain = (/** @type {string} */ text) => text.trim().toLocaleLowerCase();
  const names = [name, handle, handle.split('@')[0], account].map(plain);
  return Boolean(plain(typed)) && names.includes(plain(typed));
}
