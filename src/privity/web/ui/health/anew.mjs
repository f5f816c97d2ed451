/** Beginning a chat anew, when nothing else brings it back: who is asked along, and why. */
import { html, useState } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Button } from '../parts/button.mjs';
import { Dialog } from '../parts/dialog.mjs';
import { Field } from '../parts/field.mjs';
import { calm } from '../parts/name.mjs';
import { Section } from '../parts/page.mjs';
import { Problem } from '../parts/states.mjs';
import { toast } from '../parts/toast.mjs';
import { Pick } from '../people/pick.mjs';
import { call } from '../rpc.mjs';
import { titleOf } from '../chats/title.mjs';

/** @typedef {import('../types.mjs').Chat} Chat */

/** Of a group that goes on well: what it costs is said first. @param {{chat: Chat}} props */
export function GroupAnew({ chat }) {
  return html`<${Section} title=${t('anew.do')} text=${t('anew.group_hint')}>
    <${BeginAnew} chat=${chat} well onChanged=${async () => {}} />
  <//>`;
}

/** @param {{chat: Chat, well?: boolean, onChanged: () => Promise<void>}} props `well`: it could go on as it is */
export function BeginAnew({ chat, well, onChanged }) {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  return html`<${Button} icon="retry" onClick=${() => setOpen(true)}>${t('anew.ask')}<//>
    ${open && html`<${Sure} chat=${chat} well=${well} onClose=${close} onChanged=${onChanged} />`}`;
}

/** @param {{chat: Chat, well?: boolean, onClose: () => void, onChanged: () => Promise<void>}} props */
function Sure({ chat, well, onClose, onChanged }) {
  const others = chat.members.filter(({ trust }) => trust !== 'me');
  const [left, setLeft] = useState(/** @type {ReadonlySet<string>} */ (new Set()));
  const accounts = others.map(({ account }) => account);
  const along = new Set(accounts.filter((account) => !left.has(account)));
  const choose = (/** @type {ReadonlySet<string>} */ next) =>
    setLeft(new Set(accounts.filter((account) => !next.has(account))));
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState(/** @type {any} */ (null));
  const title = calm(titleOf(chat));
  const begin = async () => {
    setBusy(true);
    setFailure(null);
    const without = accounts.filter((account) => left.has(account));
    try {
      await call('repair.refound', { chat: chat.chat, without, text: text.trim() });
      onClose();
      toast(t('anew.begun', { title }));
      await onChanged();
    } catch (error) {
      setFailure(error);
    }
    setBusy(false);
  };
  const actions = html`
    <${Button} onClick=${onClose}>${t('common.cancel')}<//>
    <${Button} kind=${well ? 'danger' : 'primary'} busy=${busy} disabled=${along.size === 0} onClick=${begin}>${t('anew.do')}<//>
  `;
  return html`<${Dialog} title=${t('anew.sure', { title })} onClose=${onClose} actions=${actions}>
    <p>${well ? t('anew.cost') : t('anew.meaning')}</p>
    ${chat.kind === 'group' &&
    html`<${Pick}
        label=${t('anew.who')}
        people=${others}
        chosen=${along}
        most=${others.length}
        keep=${false}
        onChange=${choose}
      />
      <p class="hint">${t('anew.left')}</p>`}
    <${Field} label=${t('anew.text')} value=${text} onInput=${setText} maxlength="512" />
    ${failure && html`<${Problem} failure=${failure} />`}
  <//>`;
}
