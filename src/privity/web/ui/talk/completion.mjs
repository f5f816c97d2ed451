/** The members that an `@` in the composer may mean, to choose from by keys or pointer. */
import { html, useEffect, useId, useState } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Avatar } from '../parts/avatar.mjs';
import { Name, calm } from '../parts/name.mjs';
import { begunName, fitting, writtenName } from './naming.mjs';

/** @typedef {import('../types.mjs').Person} Person */
/** @typedef {{current: HTMLTextAreaElement | null}} Area */

/**
 * @param {import('../types.mjs').Chat} chat
 * @param {Area} area
 * @param {string} text
 * @param {(text: string) => void} setText
 */
export function useCompletion(chat, area, text, setText) {
  const id = useId();
  const [at, setAt] = useState(0);
  const [closed, setClosed] = useState('');
  const begun = chat.kind === 'note' ? null : begunName(text, area.current?.selectionStart ?? text.length);
  const found = begun === null || closed === text ? [] : fitting(chat.members, begun);
  useEffect(() => setAt(0), [begun]);
  const here = Math.min(at, found.length - 1);
  const choose = (/** @type {Person} */ person) => {
    const box = area.current;
    if (!box || begun === null) return;
    const end = box.selectionStart;
    box.setRangeText(`@${writtenName(chat.members, person)} `, end - begun.length - 1, end, 'end');
    setText(box.value);
    box.focus();
  };
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (!found.length || event.isComposing) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setAt((here + step + found.length) % found.length);
    else if (event.key === 'Enter' || event.key === 'Tab') choose(found[here]);
    else if (event.key === 'Escape') setClosed(text);
    else return false;
    event.preventDefault();
    return true;
  };
  const spoken = found.length ? { 'aria-autocomplete': 'list', 'aria-controls': id, 'aria-activedescendant': `${id}-${here}` } : {};
  const list = found.length > 0 && html`<${People} id=${id} people=${found} here=${here} onChoose=${choose} />`;
  return { list, onKey, spoken };
}

/** @param {{id: string, people: readonly Person[], here: number, onChoose: (person: Person) => void}} props */
function People({ id, people, here, onChoose }) {
  return html`<ul class="naming" id=${id} role="listbox" aria-label=${t('compose.name')}>
    ${people.map(
      (person, place) => html`<li
        key=${person.account}
        id="${id}-${place}"
        role="option"
        aria-selected=${place === here ? 'true' : 'false'}
        aria-label=${calm(person.name)}
        onPointerDown=${(/** @type {Event} */ event) => (event.preventDefault(), onChoose(person))}
      >
        <${Avatar} id=${person.account} name=${person.name} size="small" picture=${person.picture ?? ''} />
        <${Name} text=${person.name} />
        ${person.handle && html`<bdi class="sub">${person.handle}</bdi>`}
      </li>`,
    )}
  </ul>`;
}
