/** One line that says when what is written waits: offline, or the client is gone. */
import { html, signal, useEffect, useState } from '../html.mjs';
import { span, t } from '../i18n.mjs';
import { Button, ButtonLink } from '../parts/button.mjs';
import { Banner } from '../parts/states.mjs';
import { toastFailure } from '../parts/toast.mjs';
import { hrefTo } from '../router.mjs';
import { link } from '../rpc.mjs';
import { isOnline, nextTry, offBecause, tryNow } from '../state/online.mjs';

/** A blink of the connection is no news. */
const PATIENCE = 1500;
const SECOND = 1000;
const down = signal('');

export function Connection() {
  const now = link.value === 'down' ? 'client' : isOnline.value ? '' : 'relay';
  useEffect(() => {
    if (!now) down.value = '';
    const timer = now ? setTimeout(() => (down.value = now), PATIENCE) : undefined;
    return () => clearTimeout(timer);
  }, [now]);
  if (!down.value) return null;
  if (down.value === 'client') {
    return html`<${Banner} kind="warning" icon="offline">
      <strong>${t('offline.client')}</strong><span>${t('offline.client_why')}</span>
    <//>`;
  }
  return offBecause.value === 'rolled_back' ? html`<${WentBack} />` : html`<${Away} />`;
}

function Away() {
  const [busy, setBusy] = useState(false);
  const again = async () => {
    setBusy(true);
    await tryNow().catch(toastFailure);
    setBusy(false);
  };
  const actions = html`<${Button} icon="retry" busy=${busy} onClick=${again}>${t('offline.try_now')}<//>`;
  return html`<${Banner} kind="warning" icon="offline" actions=${actions}>
    <strong>${t('offline.relay')}</strong>
    <span>${t('offline.relay_why')}</span>
    <${Countdown} />
  <//>`;
}

/** A copy of this profile may be in use: nothing goes on until somebody decides. */
function WentBack() {
  const actions = html`<${ButtonLink} href=${hrefTo('health')}>${t('offline.look')}<//>`;
  return html`<${Banner} kind="danger" icon="warning" actions=${actions}>
    <strong>${t('offline.went_back')}</strong>
    <span>${t('offline.went_back_why')}</span>
  <//>`;
}

/** Seconds that count down are no news to who listens: they hear the rest of the line. */
function Countdown() {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), SECOND);
    return () => clearInterval(timer);
  }, [nextTry.value]);
  const left = Math.ceil(nextTry.value - now / SECOND);
  const words = left > 0 ? t('offline.next', { time: span(left) }) : t('offline.trying');
  return html`<span class="countdown" aria-live="off">${words}</span>`;
}
