/** How messages are written, and how new ones are told. */
import { html, useState } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Switch } from '../parts/field.mjs';
import { Section } from '../parts/page.mjs';
import { choose, prefs } from '../state/prefs.mjs';

export function WritingSettings() {
  const [refused, setRefused] = useState(false);
  const notify = async (/** @type {boolean} */ on) => {
    const allowed = !on || (await Notification.requestPermission()) === 'granted';
    setRefused(!allowed);
    choose('notifications', on && allowed);
  };
  return html`
    <${Section}>
      <${Switch}
        label=${t('writing.enter')}
        hint=${t('writing.enter_hint')}
        on=${prefs.value.enterSends}
        onChange=${(/** @type {boolean} */ on) => choose('enterSends', on)}
      />
    <//>
    <${Section} title=${t('writing.notices')}>
      <${Switch}
        label=${t('writing.notify')}
        hint=${t('writing.notify_hint')}
        on=${prefs.value.notifications}
        onChange=${notify}
      />
      ${refused && html`<p class="error" role="alert">${t('writing.notify_refused')}</p>`}
    <//>
  `;
}
