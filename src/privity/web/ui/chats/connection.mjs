/** One line that says when what is written waits: offline, or the client is gone. */
import { html, signal, useEffect } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Banner } from '../parts/states.mjs';
import { link } from '../rpc.mjs';
import { isOnline } from '../state/online.mjs';

/** A blink of the connection is no news. */
const PATIENCE = 1500;
const down = signal('');

export function Connection() {
  const now = link.value === 'down' ? 'client' : isOnline.value ? '' : 'relay';
  useEffect(() => {
    if (!now) down.value = '';
    const timer = now ? setTimeout(() => (down.value = now), PATIENCE) : undefined;
    return () => clearTimeout(timer);
  }, [now]);
  if (!down.value) return null;
  const client = down.value === 'client';
  return html`<${Banner} kind="warning" icon="offline">
    <strong>${client ? t('offline.client') : t('offline.relay')}</strong>
    <span>${client ? t('offline.client_why') : t('offline.relay_why')}</span>
  <//>`;
}
