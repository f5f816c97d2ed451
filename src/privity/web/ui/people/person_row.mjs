/** A person in a list: picture, name, handle, trust, and what can be done. */
import { html } from '../html.mjs';
import { Avatar } from '../parts/avatar.mjs';
import { Name } from '../parts/name.mjs';
import { Trust } from './trust.mjs';

/**
 * @typedef {{account: string, name: string, handle: string, trust: string, picture?: string}} Person
 */

/** @param {{person: Person, href?: string, children?: any}} props */
export function PersonRow({ person, href, children }) {
  const inside = html`
    <${Avatar} id=${person.account} name=${person.name} picture=${person.picture ?? ''} />
    <span class="who">
      <${Name} text=${person.name} />
      <span class="under">
        <${Trust} trust=${person.trust} />
        ${person.handle && html`<bdi class="handle">${person.handle}</bdi>`}
      </span>
    </span>
  `;
  return html`<li class="person-row">
    ${href ? html`<a class="person" href=${href}>${inside}</a>` : html`<span class="person">${inside}</span>`}
    ${children}
  </li>`;
}
