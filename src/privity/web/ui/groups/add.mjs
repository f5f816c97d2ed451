/** Asking more people into a group. */
import { html, useState } from '../html.mjs';
import { list, t } from '../i18n.mjs';
import { Button } from '../parts/button.mjs';
import { Dialog } from '../parts/dialog.mjs';
import { calm } from '../parts/name.mjs';
import { Problem } from '../parts/states.mjs';
import { toast } from '../parts/toast.mjs';
import { Pick } from '../people/pick.mjs';
import { call } from '../rpc.mjs';
import { askable } from './new_group.mjs';

const MOST = 31;

/** @param {{chat: any}} props */
export function AddPeople({ chat }) {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  return html`<section class="section">
    <${Button} icon="add" onClick=${() => setOpen(true)}>${t('group.add')}<//>
    ${open && html`<${Choose} chat=${chat} onClose=${close} />`}
  </section>`;
}

/** @param {{chat: any, onClose: () => void}} props */
function Choose({ chat, onClose }) {
  const [chosen, setChosen] = useState(/** @type {ReadonlySet<string>} */ (new Set()));
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState(/** @type {any} */ (null));
  const inside = new Set(chat.members.map((/** @type {any} */ one) => one.account));
  const people = askable().filter(({ account }) => !inside.has(account));
  const add = async () => {
    setBusy(true);
    setFailure(null);
    await call('group.add', { chat: chat.chat, members: [...chosen] }).then(({ people: asked }) => {
      const names = asked.map((/** @type {any} */ one) => calm(one.name));
      toast(t('group.asked', { names: list(names) }));
      onClose();
    }, setFailure);
    setBusy(false);
  };
  const actions = html`
    <${Button} onClick=${onClose}>${t('common.cancel')}<//>
    <${Button} kind="primary" busy=${busy} disabled=${chosen.size === 0} onClick=${add}>${t('group.ask')}<//>
  `;
  return html`<${Dialog} title=${t('group.add')} onClose=${onClose} actions=${actions}>
    <p class="hint">${t('group.add_hint')}</p>
    ${pick(people, chosen, setChosen)} ${failure && html`<${Problem} failure=${failure} />`}
  <//>`;
}

/**
 * @param {readonly any[]} people
 * @param {ReadonlySet<string>} chosen
 * @param {(chosen: ReadonlySet<string>) => void} onChange
 */
function pick(people, chosen, onChange) {
  if (people.length === 0) return html`<p>${t('group.nobody_left')}</p>`;
  return html`<${Pick}
    label=${t('group.whom')}
    people=${people}
    chosen=${chosen}
    most=${MOST}
    onChange=${onChange}
  />`;
}
