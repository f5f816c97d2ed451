/** How the window looks: light or dark, how large the text is, in which language. */
import { html, useId } from '../html.mjs';
import { LANGUAGES, PSEUDO, chosen, language, number, t } from '../i18n.mjs';
import { Choice } from '../parts/field.mjs';
import { Section } from '../parts/page.mjs';
import { choose, prefs } from '../state/prefs.mjs';

const THEMES = ['auto', 'light', 'dark'];
const SIZES = [85, 100, 115, 130, 150, 175, 200];

export function LooksSettings() {
  return html`
    <${Section}>
      <${Choice}
        label=${t('looks.theme')}
        value=${prefs.value.theme}
        onChange=${(/** @type {any} */ value) => choose('theme', value)}
        options=${THEMES.map((value) => ({ value, label: t(`looks.theme.${value}`) }))}
      />
    <//>
    <${TextSize} />
  `;
}

function TextSize() {
  const id = useId();
  const size = prefs.value.textSize;
  const said = t('looks.percent', { percent: number(size) });
  const change = (/** @type {any} */ event) => choose('textSize', SIZES[event.target.value]);
  return html`<section class="section">
    <label for=${id}>${t('looks.size')}</label>
    <div class="range">
      <span aria-hidden="true" class="small-a">${t('looks.letter')}</span>
      <input
        id=${id}
        type="range"
        min="0"
        max=${SIZES.length - 1}
        step="1"
        value=${Math.max(0, SIZES.indexOf(size))}
        aria-valuetext=${said}
        onInput=${change}
      />
      <span aria-hidden="true" class="large-a">${t('looks.letter')}</span>
      <output for=${id}>${said}</output>
    </div>
    <p class="sample">${t('looks.sample')}</p>
  </section>`;
}

export function LanguageSettings() {
  const options = [
    { value: 'auto', label: t('language.auto'), hint: t('language.auto_hint') },
    ...LANGUAGES.map(({ code, name }) => ({ value: code, label: name, lang: code })),
  ];
  const shown = language.value === PSEUDO ? [...options, { value: PSEUDO, label: PSEUDO }] : options;
  return html`<${Section}>
    <${Choice}
      label=${t('settings.language')}
      value=${chosen.value}
      onChange=${(/** @type {string} */ code) => choose('language', code)}
      options=${shown}
    />
  <//>`;
}
