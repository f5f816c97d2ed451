/** The files of this window and the hashes that the browser holds them against. */
import { html } from '../html.mjs';
import { t } from '../i18n.mjs';
import { CopyButton } from '../parts/copy.mjs';
import { Section } from '../parts/page.mjs';
import { Banner, Problem } from '../parts/states.mjs';
import { useAnswer } from '../state/answer.mjs';
import { phase } from '../state/world.mjs';

export function Files() {
  const files = pinned();
  const lines = files.map(([path, hash]) => `${hash} ${path}`).join('\n');
  const { value, failure } = useAnswer('ui.files');
  return html`<${Section} title=${t('left.files')} text=${t('left.files_hint', { version: phase.value?.version ?? '' })}>
    <p><code dir="ltr">privity ui verify</code></p>
    ${failure && html`<${Problem} failure=${failure} />`}
    ${value &&
    html`<${Banner} kind=${value.well ? 'info' : 'danger'} icon=${value.well ? 'check' : 'warning'}
      >${value.well ? t('left.files_well') : t('left.files_unwell')}<//
    >`}
    <details>
      <summary>${t('left.files_count', { count: files.length })}</summary>
      <ul class="hashes" dir="ltr">
        ${files.map(([path, hash]) => html`<li key=${path}><code>${path}</code> <code class="hash">${hash}</code></li>`)}
      </ul>
    </details>
    <${CopyButton} text=${lines} />
  <//>`;
}

/**
 * What the page itself was told to insist on; not a list that somebody could make up later.
 * @returns {[string, string][]}
 */
function pinned() {
  const map = document.querySelector('script[type=importmap]')?.textContent;
  const modules = map ? Object.entries(JSON.parse(map).integrity) : [];
  const tags = document.querySelectorAll('link[integrity], script[integrity]');
  const others = Array.from(tags, (tag) => [
    tag.getAttribute('href') ?? tag.getAttribute('src'),
    tag.getAttribute('integrity'),
  ]);
  return /** @type {[string, string][]} */ ([...modules, ...others]);
}
