/** Members whose device can't follow a chat, and who wait for a person to let it in. */
import { html, useState } from '../html.mjs';
import { moment, t } from '../i18n.mjs';
import { Button, ButtonLink } from '../parts/button.mjs';
import { confirm } from '../parts/dialog.mjs';
import { calm } from '../parts/name.mjs';
import { Section } from '../parts/page.mjs';
import { toast, toastFailure } from '../parts/toast.mjs';
import { hrefTo } from '../router.mjs';
import { call } from '../rpc.mjs';

const REASONS = ['again', 'new_device'];

/** @param {{pleas: readonly any[], onChanged: () => Promise<void>}} props */
export function Pleas({ pleas, onChanged }) {
  if (pleas.length === 0) return null;
  return html`<${Section} title=${t('plea.title')} text=${t('plea.hint')}>
    <ul class="cards">
      ${pleas.map((one) => html`<${Plea} key=${one.plea} plea=${one} onChanged=${onChanged} />`)}
    </ul>
  <//>`;
}

/** @param {{plea: any, onChanged: () => Promise<void>}} props */
function Plea({ plea, onChanged }) {
  const [busy, setBusy] = useState(false);
  const [name, title] = [calm(plea.person.name), calm(plea.title)];
  const help = async () => {
    const question = { title: t('plea.sure', { name }), text: t('plea.meaning'), action: t('plea.do') };
    if (!(await confirm(question))) return;
    setBusy(true);
    await call('repair.answer', { plea: plea.plea }).then(() => toast(t('plea.done', { name })), toastFailure);
    await onChanged();
    setBusy(false);
  };
  return html`<li class="card">
    <h3>${t('plea.who', { name, title })}</h3>
    ${REASONS.includes(plea.why) && html`<p>${t(`plea.why.${plea.why}`)}</p>`}
    <p class="hint">${moment(plea.received)}</p>
    <div class="row">
      <${Button} kind="primary" busy=${busy} onClick=${help}>${t('plea.do')}<//>
      <${ButtonLink} icon="shield" href=${hrefTo('verify', [plea.person.account])}>${t('person.verify')}<//>
    </div>
  </li>`;
}
