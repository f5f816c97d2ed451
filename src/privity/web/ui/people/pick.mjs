/** Choosing people from those one knows, with a search. */
import { html, useId, useState } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Avatar } from '../parts/avatar.mjs';
import { Field } from '../parts/field.mjs';
import { Name } from '../parts/name.mjs';
import { Trust } from './trust.mjs';

/** @typedef {import('./person_row.mjs').Person} Person */

const SEARCHED_FROM = 8;
/** More rows than anybody reads; the search finds the others. */
const MOST_ROWS = 100;

/**
 * With `keep` who was chosen stays in sight whatever is sought; not for where most are.
 *
 * @param {{
 *   people: readonly Person[], chosen: ReadonlySet<string>, most: number, keep?: boolean,
 *   onChange: (chosen: ReadonlySet<string>) => void, label: string,
 * }} props
 */
export function Pick({ people, chosen, most, onChange, label, keep = true }) {
  const [sought, setSought] = useState('');
  const id = useId();
  const toggle = (/** @type {string} */ account) => {
    const next = new Set(chosen);
    if (!next.delete(account)) next.add(account);
    onChange(next);
  };
  const found = people.filter((person) => fits(person, sought) || (keep && chosen.has(person.account)));
  const shown = found.slice(0, MOST_ROWS);
  return html`<fieldset class="pick">
    <legend id=${id}>${label}</legend>
    ${people.length >= SEARCHED_FROM &&
    html`<${Field} label=${t('people.search')} type="search" value=${sought} onInput=${setSought} />`}
    <ul class="people" aria-labelledby=${id}>
      ${shown.map(
        (person) => html`<li key=${person.account}>
          <label class="person">
            <input
              type="checkbox"
              checked=${chosen.has(person.account)}
              disabled=${!chosen.has(person.account) && chosen.size >= most}
              onChange=${() => toggle(person.account)}
            />
            <${Avatar} id=${person.account} name=${person.name} picture=${person.picture ?? ''} />
            <span class="who"
              ><${Name} text=${person.name} /><span class="under"
                ><${Trust} trust=${person.trust} />${person.handle &&
                html`<bdi class="handle">${person.handle}</bdi>`}</span
              ></span
            >
          </label>
        </li>`,
      )}
    </ul>
    ${shown.length < found.length &&
    html`<p class="hint">${t('people.more', { count: found.length - shown.length })}</p>`}
    ${shown.length === 0 && html`<p class="hint">${t('people.none_found')}</p>`}
  </fieldset>`;
}

/**
 * @param {Person} person
 * @param {string} sought
 */
function fits({ name, handle }, sought) {
  const plain = sought.trim().toLocaleLowerCase();
  return `${name} ${handle}`.toLocaleLowerCase().includes(plain);
}
