/** The window: what stands where, for each state that the client can be in. */
import { html, useEffect } from '../html.mjs';
import { t } from '../i18n.mjs';
import { ChatsPane } from '../chats/pane.mjs';
import { Confirmation } from '../parts/dialog.mjs';
import { Empty } from '../parts/states.mjs';
import { Toasts } from '../parts/toast.mjs';
import { route } from '../router.mjs';
import { link } from '../rpc.mjs';
import { OVERLAYS, SCREENS } from '../screens.mjs';
import { isThere } from '../state/gone.mjs';
import { phase, unreadTotal } from '../state/world.mjs';
import { Gate } from './gate.mjs';
import { Lazy } from './lazy.mjs';
import { closeOverlay, overlay } from './overlay.mjs';

export function Shell() {
  useEffect(() => {
    const count = unreadTotal.value;
    document.title = count ? t('shell.title_unread', { count }) : t('shell.title');
  }, [unreadTotal.value]);
  const open = phase.value?.phase === 'open' && link.value !== 'over';
  return html`
    ${open ? html`<${Panes} />` : html`<${Gate} />`}
    <${Over} />
    <${Confirmation} />
    <${Toasts} />
  `;
}

function Panes() {
  const { name, parts, query } = route.value;
  const load = SCREENS[name];
  return html`<div class="panes ${load ? 'in-main' : 'in-list'}">
    <${ChatsPane} />
    <main class="pane main-pane" tabindex="-1">
      ${load
        ? html`<${Lazy} key=${name} load=${load} parts=${parts} query=${query} />`
        : html`<${Empty} icon="chat" title=${t('shell.welcome')} text=${t('shell.choose')} />`}
    </main>
  </div>`;
}

function Over() {
  const shown = overlay.value;
  const load = shown && OVERLAYS[shown.name];
  const about = shown?.props.message ?? shown?.props.first;
  const over = Boolean(about && !isThere(about));
  useEffect(() => {
    if (over) closeOverlay();
  }, [over]);
  if (!load || over) return null;
  return html`<${Lazy} key=${shown.name} load=${load} ...${shown.props} onClose=${closeOverlay} />`;
}
