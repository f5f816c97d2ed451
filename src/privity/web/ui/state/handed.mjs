/**
 * The link that `privity open LINK` was given. It came with the session and is kept here
 * alone: in an address it would stay in the browser's history.
 */
import { signal } from '../html.mjs';

export const handed = signal('');

/**
 * Whether a link leads to a person, not only to a relay: kind 2 of version 1.
 * @param {string} link
 */
export function leadsToPerson(link) {
  return link.trim().startsWith('privity:1#AQI');
}
