/**
 * Where the window is: the hash of its address, as a value.
 *
 *     #/                    the list alone
 *     #/chat/ID             a conversation; #/chat/ID?at=SEQ at a message
 *     #/settings/language   and so on: `screens.mjs` has the table
 *
 * Nothing of a chat ever stands in the path or the query of a request: what is behind
 * the `#` stays in the browser.
 */
import { batch, signal } from './html.mjs';

/**
 * @typedef {{
 *   name: string,
 *   parts: readonly string[],
 *   query: Readonly<Record<string, string>>,
 * }} Route `#/chat/ID?at=7` is {name: "chat", parts: ["ID"], query: {at: "7"}}
 */

/** @type {Route} */
const HOME = Object.freeze({ name: '', parts: [], query: {} });

export const route = signal(HOME);

/** Where to give the focus back to when one screen is left for the one before. */
const trail = signal(/** @type {readonly string[]} */ ([]));

/** Follow the address from now on. */
export function beginRouting() {
  const follow = () => {
    batch(() => {
      route.value = parse(location.hash);
      trail.value = [...trail.value.slice(-19), location.hash];
    });
  };
  addEventListener('hashchange', follow);
  follow();
}

/**
 * The address of a place, for links.
 * @param {string} name
 * @param {readonly string[]} [parts]
 * @param {Record<string, string | number>} [query]
 */
export function hrefTo(name, parts = [], query = {}) {
  const path = [name, ...parts].map(encodeURIComponent).join('/');
  const asked = new URLSearchParams(
    Object.entries(query).map(([key, value]) => [key, String(value)]),
  ).toString();
  return `#/${path}${asked ? `?${asked}` : ''}`;
}

/**
 * Go to a place.
 * @param {string} name
 * @param {readonly string[]} [parts]
 * @param {Record<string, string | number>} [query]
 */
export function goTo(name, parts = [], query = {}) {
  location.hash = hrefTo(name, parts, query);
}

/**
 * Go to a place that takes the place of this one in the browser's history.
 * @param {string} name
 * @param {readonly string[]} [parts]
 */
export function turnTo(name, parts = []) {
  history.replaceState(null, '', hrefTo(name, parts));
  route.value = parse(location.hash);
}

/** Leave this screen for the one before, or for the list if there was none. */
export function goBack() {
  if (trail.value.length > 1) history.back();
  else goTo('');
}

/**
 * @param {string} hash
 * @returns {Route}
 */
export function parse(hash) {
  const [path, asked = ''] = hash.replace(/^#\/?/u, '').split('?', 2);
  const [name = '', ...parts] = path.split('/').map(decoded);
  return { name, parts: parts.filter(Boolean), query: Object.fromEntries(new URLSearchParams(asked)) };
}

/** @param {string} part */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}
