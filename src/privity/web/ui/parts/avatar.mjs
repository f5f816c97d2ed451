/** A round of colour with initials. It says nothing aloud: the name stands beside it. */
import { html, useState } from '../html.mjs';
import { useFace } from '../people/faces.mjs';
import { Icon } from './icon.mjs';
import { calm } from './name.mjs';

const HUES = 8;

/**
 * @param {{
 *   id: string, name: string, size?: 'small' | 'normal' | 'large',
 *   group?: boolean, note?: boolean, picture?: string,
 * }} props `id` chooses the colour; without a `picture` (which may be empty) of the
 *   person of that id, there is none
 */
export function Avatar({ id, name, size = 'normal', group = false, note = false, picture }) {
  const plain = group || note ? html`<${Icon} name=${note ? 'edit' : 'group'} />` : html`<span>${initials(name)}</span>`;
  const inside = picture === undefined ? plain : html`<${Face} id=${id} name=${picture} plain=${plain} />`;
  return html`<span class="avatar ${size} hue-${hue(id)}" aria-hidden="true">${inside}</span>`;
}

/** @param {{id: string, name: string, plain: any}} props `name` of the picture */
function Face({ id, name, plain }) {
  const picture = useFace(id, name);
  const [broken, setBroken] = useState('');
  return picture.startsWith('blob:') && broken !== picture
    ? html`<img src=${picture} alt="" decoding="async" onError=${() => setBroken(picture)} />`
    : plain;
}

/** @param {string} name */
export function initials(name) {
  const words = calm(name)
    .split(/[\s@._-]+/u)
    .map((word) => /[\p{L}\p{N}]\p{M}{0,2}/u.exec(word)?.[0])
    .filter(Boolean);
  const chosen = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return chosen.join('').toLocaleUpperCase() || '?';
}

/** @param {string} id */
function hue(id) {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) % 65_521;
  return sum % HUES;
}
