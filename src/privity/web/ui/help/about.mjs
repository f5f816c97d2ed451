/** What this is, in which version, and whose work is in it. */
import { html } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Button, ButtonLink } from '../parts/button.mjs';
import { Page, Section } from '../parts/page.mjs';
import { hrefTo } from '../router.mjs';
import { openOverlay } from '../shell/overlay.mjs';
import { phase } from '../state/world.mjs';

/** The libraries in this window, and what they may be used under. */
const LIBRARIES = [
  { name: 'Preact', licence: 'MIT', file: '/vendor/LICENSE-preact' },
  { name: 'htm', licence: 'Apache-2.0', file: '/vendor/LICENSE-htm' },
  { name: 'Preact Signals', licence: 'MIT', file: '/vendor/LICENSE-signals' },
];

export function About() {
  return html`<${Page} title=${t('about.title')}>
    <section class="section person-card">
      <h2>${t('about.name')}</h2>
      <p class="hint">${t('about.version', { version: phase.value?.version ?? '' })}</p>
      <p>${t('about.what')}</p>
    </section>
    <${Section} title=${t('about.limits')}>
      <ul class="plain-list">
        <li>${t('about.limit_early')}</li>
        <li>${t('about.limit_machine')}</li>
        <li>${t('about.limit_copies')}</li>
      </ul>
    <//>
    <${Section} title=${t('about.look')}>
      <div class="row">
        <${ButtonLink} icon="link" href=${hrefTo('left')}>${t('settings.left')}<//>
        <${Button} icon="info" onClick=${() => openOverlay('shortcuts')}>${t('keys.title')}<//>
      </div>
    <//>
    <${Section} title=${t('about.licences')} text=${t('about.own_licence')}>
      <ul class="plain-list">
        ${LIBRARIES.map(
          ({ name, licence, file }) => html`<li key=${name} dir="ltr">
            <a href=${file} target="_blank" rel="noreferrer">${name}</a> · ${licence}
          </li>`,
        )}
      </ul>
    <//>
  <//>`;
}
