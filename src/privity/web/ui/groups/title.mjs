/** The title of a group, and changing it. */
import { html, useState } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Avatar } from '../parts/avatar.mjs';
import { Button, IconButton } from '../parts/button.mjs';
import { Field } from '../parts/field.mjs';
import { Name } from '../parts/name.mjs';
import { toastFailure } from '../parts/toast.mjs';
import { call } from '../rpc.mjs';

/** @param {{chat: any, active: boolean}} props */
export function TitleLine({ chat, active }) {
  const [typed, setTyped] = useState(/** @type {string | null} */ (null));
  const [busy, setBusy] = useState(false);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const title = typed?.trim();
    if (!title) return;
    setBusy(true);
    await call('group.title', { chat: chat.chat, title }).then(() => setTyped(null), toastFailure);
    setBusy(false);
  };
  if (typed !== null) {
    return html`<form class="section row-form" onSubmit=${submit}>
      <${Field} label=${t('group.title')} value=${typed} onInput=${setTyped} maxlength="128" autofocus />
      <${Button} kind="quiet" onClick=${() => setTyped(null)}>${t('common.cancel')}<//>
      <${Button} kind="primary" type="submit" busy=${busy} disabled=${!typed.trim()}>${t('common.save')}<//>
    </form>`;
  }
  return html`<section class="section person-card">
    <${Avatar} id=${chat.chat} name=${chat.title} size="large" group />
    <div class="title-line">
      <h2><${Name} text=${chat.title} /></h2>
      ${active &&
      html`<${IconButton} icon="edit" label=${t('group.rename')} onClick=${() => setTyped(chat.title)} />`}
    </div>
    <p class="hint">${t('common.people', { count: chat.members.length })}</p>
  </section>`;
}
