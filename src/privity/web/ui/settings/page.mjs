/** The settings: a list of pages, and the pages. */
import { html } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Icon } from '../parts/icon.mjs';
import { Page } from '../parts/page.mjs';
import { Empty } from '../parts/states.mjs';
import { goTo, hrefTo } from '../router.mjs';
import { AccountSettings } from './account.mjs';
import { LanguageSettings, LooksSettings } from './looks.mjs';
import { PrivacySettings } from './privacy.mjs';
import { WritingSettings } from './writing.mjs';

/** @type {Readonly<Record<string, {icon: string, page: () => any}>>} */
const PAGES = {
  account: { icon: 'person', page: AccountSettings },
  looks: { icon: 'eye', page: LooksSettings },
  language: { icon: 'chat', page: LanguageSettings },
  writing: { icon: 'edit', page: WritingSettings },
  privacy: { icon: 'shield', page: PrivacySettings },
};

/** Screens of their own that people look for here. */
const ELSEWHERE = { left: 'link', health: 'check', about: 'info' };

/** @param {{parts: readonly string[]}} props */
export function Settings({ parts }) {
  const name = parts[0] ?? '';
  if (!name) return html`<${Page} title=${t('settings.title')}><${Table} /><//>`;
  const found = Object.hasOwn(PAGES, name) ? PAGES[name] : null;
  const back = () => goTo('settings');
  if (!found) {
    return html`<${Page} title=${t('settings.title')} onBack=${back}>
      <${Empty} icon="gear" title=${t('settings.unknown')} />
    <//>`;
  }
  return html`<${Page} key=${name} title=${t(`settings.${name}`)} onBack=${back}><${found.page} /><//>`;
}

function Table() {
  const own = Object.entries(PAGES).map(([name, { icon }]) => ({
    name,
    icon,
    href: hrefTo('settings', [name]),
  }));
  const others = Object.entries(ELSEWHERE).map(([name, icon]) => ({ name, icon, href: hrefTo(name) }));
  return html`<nav class="settings-list" aria-label=${t('settings.title')}>
    <ul>
      ${[...own, ...others].map(
        ({ name, icon, href }) => html`<li key=${name}>
          <a href=${href}>
            <${Icon} name=${icon} />
            <span class="who"
              ><b>${t(`settings.${name}`)}</b><span class="under">${t(`settings.${name}_hint`)}</span></span
            >
            <${Icon} name="chevron" />
          </a>
        </li>`,
      )}
    </ul>
  </nav>`;
}
