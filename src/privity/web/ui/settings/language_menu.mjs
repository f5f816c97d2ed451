/** The language, chosen in one line: where a person can't read the settings yet. */
import { html } from '../html.mjs';
import { LANGUAGES, language, t } from '../i18n.mjs';
import { choose } from '../state/prefs.mjs';

export function LanguageMenu() {
  return html`<label class="language-menu">
    <span class="unseen">${t('settings.language')}</span>
    <select onChange=${(/** @type {any} */ event) => choose('language', event.target.value)}>
      ${LANGUAGES.map(
        ({ code, name }) => html`<option key=${code} value=${code} lang=${code} selected=${code === language.value}>
          ${name}
        </option>`,
      )}
    </select>
  </label>`;
}
