/** The own face at the top of the list, and what is behind it. */
import { html, useState } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Avatar } from '../parts/avatar.mjs';
import { Menu } from '../parts/menu.mjs';
import { calm } from '../parts/name.mjs';
import { toastFailure } from '../parts/toast.mjs';
import { goTo } from '../router.mjs';
import { call } from '../rpc.mjs';
import { openOverlay } from '../shell/overlay.mjs';
import { account } from '../state/world.mjs';

export function OwnMenu() {
  const [at, setAt] = useState(/** @type {import('../parts/menu.mjs').Point | null} */ (null));
  const me = account.value;
  if (!me) return null;
  const open = (/** @type {any} */ event) => {
    const box = event.currentTarget.getBoundingClientRect();
    const rtl = document.documentElement.dir === 'rtl';
    setAt({ x: rtl ? box.right : box.left, y: box.bottom + 4, opens: 'end' });
  };
  return html`
    <button
      type="button"
      class="own-button"
      aria-label=${t('own.menu', { name: calm(me.name) })}
      title=${calm(me.name)}
      aria-haspopup="menu"
      aria-expanded=${at ? 'true' : 'false'}
      onClick=${open}
    >
      <${Avatar} id=${me.account} name=${me.name} size="small" picture="" />
    </button>
    ${at &&
    html`<${Menu} label=${t('own.menu', { name: calm(me.name) })} at=${at} items=${items()} onClose=${() => setAt(null)} />`}
  `;
}

function items() {
  return [
    { icon: 'person', label: t('own.account'), act: () => goTo('settings', ['account']) },
    { icon: 'edit', label: t('note.title'), act: () => goTo('chat', [account.value?.account ?? '']) },
    { icon: 'link', label: t('own.invite'), act: () => goTo('new') },
    { icon: 'gear', label: t('own.settings'), hint: 'Ctrl ,', act: () => goTo('settings') },
    { icon: 'eye', label: t('own.left'), act: () => goTo('left') },
    { icon: 'info', label: t('own.shortcuts'), hint: 'Ctrl /', act: () => openOverlay('shortcuts') },
    { icon: 'lock', label: t('own.lock'), act: () => call('ui.lock').catch(toastFailure) },
  ];
}
