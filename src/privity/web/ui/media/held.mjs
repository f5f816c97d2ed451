/**
 * The media that this window holds, as `blob:` addresses.
 *
 * Decrypted bytes live in this tab's memory, for as long as they are shown and a little
 * longer. What was not shown for the longest time goes first; all goes with the lock.
 */
import { fetchShown } from '../transfer.mjs';

const MOST_BYTES = 256_000_000;

/** @typedef {{url: string, size: number, uses: number}} Held */

/** @type {Map<string, Promise<Held>>} in the order of their last use */
const held = new Map();
let bytes = 0;

/**
 * Fetch the media of a message, or take it from here; `release` it when it is gone
 * from the screen.
 * @param {string} chat
 * @param {string} message
 * @param {AbortSignal} [signal]
 * @returns {Promise<string>} a `blob:` address; raises Failure
 */
export async function take(chat, message, signal) {
  const key = `${chat}/${message}`;
  const known = held.get(key) ?? hold(key, fetchShown(chat, message, signal));
  const found = await known;
  found.uses += 1;
  held.delete(key);
  held.set(key, known);
  return found.url;
}

/**
 * @param {string} chat
 * @param {string} message
 */
export async function release(chat, message) {
  const found = await held.get(`${chat}/${message}`)?.catch(() => null);
  if (found) found.uses -= 1;
  await makeRoom();
}

/**
 * Forget the media of a message at once, also where it is shown: its time is over.
 * @param {string} chat
 * @param {string} message
 */
export async function drop(chat, message) {
  const key = `${chat}/${message}`;
  const found = await held.get(key)?.catch(() => null);
  if (!found || !held.delete(key)) return;
  bytes -= found.size;
  URL.revokeObjectURL(found.url);
}

/** Forget everything: the profile was locked. */
export async function forgetAll() {
  const all = [...held.values()];
  held.clear();
  bytes = 0;
  for (const one of all) await one.then(({ url }) => URL.revokeObjectURL(url)).catch(() => null);
}

/**
 * @param {string} key
 * @param {Promise<Blob>} fetched
 */
function hold(key, fetched) {
  const made = fetched.then((blob) => {
    bytes += blob.size;
    return { url: URL.createObjectURL(blob), size: blob.size, uses: 0 };
  });
  held.set(key, made);
  made.catch(() => held.delete(key));
  return made;
}

async function makeRoom() {
  for (const [key, promised] of held) {
    if (bytes <= MOST_BYTES) return;
    const one = await promised.catch(() => null);
    if (one === null || one.uses > 0) continue;
    held.delete(key);
    bytes -= one.size;
    URL.revokeObjectURL(one.url);
  }
}
