/** A name for a person that only this device knows. */
import { html, useState } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Button } from '../parts/button.mjs';
import { Field } from '../parts/field.mjs';
import { toast, toastFailure } from '../parts/toast.mjs';
import { call } from '../rpc.mjs';

/** @param {{contact: import('../types.mjs').Contact}} props */
export function Nickname({ contact: { person, nickname } }) {
  const [typed, setTyped] = useState(nickname);
  const [busy, setBusy] = useState(false);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    setBusy(true);
    await call('contacts.rename', { who: person.account, name: typed.trim() }).then(
      () => toast(t('person.renamed')),
      toastFailure,
    );
    setBusy(false);
  };
  return html`<form class="section row-form" onSubmit=${submit}>
    <${Field}
      label=${t('person.nickname')}
      hint=${t('person.nickname_hint')}
      value=${typed}
      onInput=${setTyped}
      autocomplete="off"
      maxlength="64"
    />
    <${Button} type="submit" busy=${busy} disabled=${typed.trim() === nickname}>${t('common.save')}<//>
  </form>`;
}
