/**
 * Pictures that people show, as `blob:` addresses in this tab's memory.
 *
 * A picture is known by its person and the name that the client gives it; the one that
 * nobody looked at for the longest time goes first, and all go with the lock.
 */
import { signal, useEffect, useState } from '../html.mjs';
import { call } from '../rpc.mjs';
import { account, contacts } from '../state/world.mjs';

/** Pictures that are kept while nobody looks at them. */
const MOST_UNSEEN = 200;

/** @typedef {{url: Promise<string>, uses: number}} Face */

/** @type {Map<string, Face>} in the order of their last use */
const held = new Map();

/** What names the own picture; empty without one. */
export const ownPicture = signal('');

/** Ask which picture this account shows. */
export async function lookAtOwn() {
  const { person } = await call('profile.picture', { who: 'me' });
  ownPicture.value = person.picture;
}

/**
 * The picture of a person, as it is now.
 * @param {string} id an account
 * @param {string} picture its name, as whoever asks last heard of it
 * @returns {string} a `blob:` address; empty until it is here, and without one
 */
export function useFace(id, picture) {
  const name = id === account.value?.account ? ownPicture.value : (contacts.value.get(id)?.person.picture ?? picture);
  const [face, setFace] = useState({ name: '', url: '' });
  useEffect(() => {
    if (!name) return undefined;
    let over = false;
    const one = take(id, name);
    one.url.then((url) => !over && setFace({ name, url }));
    return () => {
      over = true;
      one.uses -= 1;
      makeRoom();
    };
  }, [id, name]);
  return name && face.name === name ? face.url : '';
}

/** Forget everything: the profile was locked. */
export function forgetFaces() {
  for (const one of held.values()) revoke(one);
  held.clear();
  ownPicture.value = '';
}

/**
 * @param {string} id
 * @param {string} name
 */
function take(id, name) {
  const key = `${id}/${name}`;
  const one = held.get(key) ?? { url: fetched(id).catch(() => ''), uses: 0 };
  one.uses += 1;
  held.delete(key);
  held.set(key, one);
  return one;
}

/** @param {string} id */
async function fetched(id) {
  const who = id === account.peek()?.account ? 'me' : id;
  const { data } = await call('profile.picture', { who });
  if (!data) return '';
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  return URL.createObjectURL(new Blob([bytes], { type: 'image/jpeg' }));
}

function makeRoom() {
  const unseen = [...held].filter(([, one]) => one.uses === 0);
  for (const [key, one] of unseen.slice(0, Math.max(0, unseen.length - MOST_UNSEEN))) {
    held.delete(key);
    revoke(one);
  }
}

/** @param {Face} face */
function revoke({ url }) {
  url.then((address) => address && URL.revokeObjectURL(address));
}
