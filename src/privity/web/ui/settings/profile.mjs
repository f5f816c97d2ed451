/** What others see of oneself: a name and a picture, told in chats and never to the relay. */
import { html, useRef, useState } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Button } from '../parts/button.mjs';
import { Field } from '../parts/field.mjs';
import { Section } from '../parts/page.mjs';
import { Problem } from '../parts/states.mjs';
import { toast } from '../parts/toast.mjs';
import { call } from '../rpc.mjs';
import { ownPicture } from '../people/faces.mjs';
import { account } from '../state/world.mjs';
import { shrunk } from './shrunk.mjs';

/** @param {{name: string, onChanged: () => Promise<void>}} props */
export function ProfileForm({ name, onChanged }) {
  const [typed, setTyped] = useState(name);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState(/** @type {any} */ (null));
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  const set = async (/** @type {() => Promise<object>} */ wish) => {
    setBusy(true);
    setFailure(null);
    try {
      const { person } = await call('profile.set', await wish());
      ownPicture.value = person.picture;
      const me = account.peek();
      if (me) account.value = { ...me, name: person.name };
      toast(t('profile.kept'));
      await onChanged();
    } catch (error) {
      setFailure(error);
    }
    setBusy(false);
  };
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (typed.trim()) set(async () => ({ name: typed.trim() }));
  };
  const choose = () => {
    const file = input.current?.files?.[0];
    if (input.current) input.current.value = '';
    if (file) set(async () => ({ data: await shrunk(file) }));
  };
  return html`<${Section} title=${t('profile.title')} text=${t('profile.hint')}>
    <form class="row-form" onSubmit=${submit}>
      <${Field} label=${t('begin.name')} value=${typed} onInput=${setTyped} autocomplete="nickname" maxlength="64" />
      <${Button} type="submit" busy=${busy} disabled=${!typed.trim() || typed.trim() === name}>${t('common.save')}<//>
    </form>
    <div class="row">
      <${Button} icon="camera" busy=${busy} onClick=${() => input.current?.click()}>${ownPicture.value ? t('profile.change') : t('profile.picture')}<//>
      ${ownPicture.value && html`<${Button} kind="quiet" disabled=${busy} onClick=${() => set(async () => ({ bare: true }))}
        >${t('profile.bare')}<//
      >`}
      <input ref=${input} class="hidden" type="file" accept="image/*" tabindex="-1" aria-hidden="true" onChange=${choose} />
    </div>
    ${failure && html`<${Problem} failure=${failure} />`}
  <//>`;
}
