/** In the place of the composer: the other side is blocked, and how to undo that. */
import { html, useState } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Button } from '../parts/button.mjs';
import { calm } from '../parts/name.mjs';
import { changeBlock } from '../people/blocking.mjs';

/** @param {{chat: import('../types.mjs').Chat}} props */
export function Closed({ chat }) {
  const [busy, setBusy] = useState(false);
  const person = chat.members.find(({ trust }) => trust !== 'me');
  if (!person) return null;
  const undo = async () => {
    setBusy(true);
    await changeBlock(person, false);
    setBusy(false);
  };
  return html`<div class="composer closed" role="status">
    <p>${t('block.closed', { name: calm(person.name) })}</p>
    <${Button} icon="block" busy=${busy} onClick=${undo}>${t('block.undo')}<//>
  </div>`;
}
