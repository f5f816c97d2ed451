/** Leaving a group. */
import { html, useState } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Button } from '../parts/button.mjs';
import { confirm } from '../parts/dialog.mjs';
import { calm } from '../parts/name.mjs';
import { Section } from '../parts/page.mjs';
import { toast, toastFailure } from '../parts/toast.mjs';
import { goTo } from '../router.mjs';
import { call } from '../rpc.mjs';

/** @param {{chat: any}} props */
export function LeaveGroup({ chat }) {
  const [busy, setBusy] = useState(false);
  const title = calm(chat.title);
  const leave = async () => {
    const question = {
      title: t('group.leave_sure', { title }),
      text: t('group.leave_meaning'),
      action: t('group.leave'),
      danger: true,
    };
    if (!(await confirm(question))) return;
    setBusy(true);
    const done = () => {
      toast(t('group.left', { title }));
      goTo('');
    };
    await call('group.leave', { chat: chat.chat }).then(done, toastFailure);
    setBusy(false);
  };
  return html`<${Section} title=${t('group.leave')} text=${t('group.leave_meaning')}>
    <${Button} kind="danger" busy=${busy} onClick=${leave}>${t('group.leave')}<//>
  <//>`;
}
