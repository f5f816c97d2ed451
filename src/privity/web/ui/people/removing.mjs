/** Removing somebody from the contacts, with what it means said before. */
import { html, useState } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Button } from '../parts/button.mjs';
import { confirm } from '../parts/dialog.mjs';
import { calm } from '../parts/name.mjs';
import { Section } from '../parts/page.mjs';
import { toast, toastFailure } from '../parts/toast.mjs';
import { call } from '../rpc.mjs';
import { reload } from '../state/feed.mjs';

/** @param {{contact: import('../types.mjs').Contact}} props */
export function Removing({ contact: { person } }) {
  const [busy, setBusy] = useState(false);
  const remove = async () => {
    const name = calm(person.name);
    const sure = await confirm({
      title: t('remove.sure', { name }),
      text: t('remove.meaning'),
      action: t('remove.do'),
      danger: true,
    });
    if (!sure) return;
    setBusy(true);
    const done = () => {
      toast(t('remove.done', { name }));
      return reload();
    };
    await call('contacts.remove', { who: person.account, wait: 0 }).then(done).catch(toastFailure);
    setBusy(false);
  };
  return html`<${Section} title=${t('remove.title')} text=${t('remove.hint')}>
    <${Button} icon="person" busy=${busy} onClick=${remove}>${t('remove.do')}<//>
  <//>`;
}
