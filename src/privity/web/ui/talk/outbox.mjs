/**
 * What is on its way from the composer to the client. The client keeps it from then on,
 * whatever happens to the relay; until then it stands here, and so does what it refused.
 */
import { batch, signal } from '../html.mjs';
import { call } from '../rpc.mjs';
import { glance, stir } from '../state/feed.mjs';
import { refreshTail } from '../state/logs.mjs';
import { tryQuietly } from '../state/online.mjs';
import { upload } from '../transfer.mjs';

/**
 * @typedef {{
 *   id: number, chat: string, text: string, files: readonly File[], replyTo: string,
 *   asIs: boolean, expires: number | null, state: 'sending' | 'failed', failure: any,
 *   progress: {name: string, done: number, total: number} | null, stop: AbortController,
 * }} Pending
 */

/** @type {Map<string, import('@preact/signals').Signal<readonly Pending[]>>} */
const all = new Map();
let last = 0;

/**
 * What is on its way in a chat.
 * @param {string} chat
 */
export function pendingOf(chat) {
  const known = all.get(chat);
  if (known) return known;
  const made = signal(/** @type {readonly Pending[]} */ ([]));
  all.set(chat, made);
  return made;
}

/**
 * @param {string} chat
 * @param {string} text
 * @param {string} [replyTo] a message id
 * @param {number | null} [expires] seconds from reading; 0: never; null: as the chat
 */
export function sendText(chat, text, replyTo = '', expires = null) {
  return begin({ chat, text, replyTo, expires, files: [], asIs: false });
}

/**
 * Send files, each a message of its own; a lone one carries the text.
 * @param {string} chat
 * @param {readonly File[]} files
 * @param {{text: string, replyTo: string, asIs: boolean, expires: number | null}} more
 */
export async function sendFiles(chat, files, { text, ...more }) {
  if (files.length === 1) return begin({ chat, text, files, ...more });
  // One after the other, so that they stand in the order in which they were chosen.
  if (text) await begin({ chat, text, files: [], ...more });
  const first = text ? '' : more.replyTo;
  const made = files.map((file, at) => make({ ...more, chat, text: '', replyTo: at ? '' : first, files: [file] }));
  for (const one of made) await send(one);
}

/** Try once more. @param {Pending} pending */
export function sendAgain(pending) {
  const again = { ...pending, state: /** @type {const} */ ('sending'), failure: null, stop: new AbortController() };
  change(pending, again);
  return send(again);
}

/** Stop it, or drop what failed. @param {Pending} pending */
export function dropPending(pending) {
  pending.stop.abort();
  change(pending, null);
}

/** @param {Pick<Pending, 'chat' | 'text' | 'files' | 'replyTo' | 'asIs' | 'expires'>} what */
function begin(what) {
  return send(make(what));
}

/** @param {Pick<Pending, 'chat' | 'text' | 'files' | 'replyTo' | 'asIs' | 'expires'>} what */
function make(what) {
  last += 1;
  /** @type {Pending} */
  const pending = { ...what, id: last, state: 'sending', failure: null, progress: null, stop: new AbortController() };
  const shown = pendingOf(what.chat);
  shown.value = [...shown.value, pending];
  return pending;
}

/** @param {Pending} pending */
async function send(pending) {
  const { chat, text, replyTo, asIs, expires, stop } = pending;
  if (stop.signal.aborted) return;
  const report = (/** @type {any} */ progress) => change(pending, (now) => ({ ...now, progress }));
  try {
    const ids = [];
    for (const file of pending.files) {
      const told = (/** @type {number} */ done, /** @type {number} */ total) => report({ name: file.name, done, total });
      ids.push(await upload(file, told, stop.signal));
    }
    const files = ids.length ? { files: ids, as_is: asIs } : {};
    const asked = { chat, text, reply_to: replyTo, expires, wait: 0, ...files };
    const sent = await call('send', asked, { onProgress: report, signal: stop.signal });
    // Whoever writes waits for the relay.
    tryQuietly();
    const history = await refreshTail(chat, sent.messages.length);
    batch(() => {
      change(pending, null);
      stir(chat);
      const newest = history.messages.at(-1);
      if (newest) glance(newest);
    });
  } catch (failure) {
    if (stop.signal.aborted) change(pending, null);
    else change(pending, (now) => ({ ...now, state: 'failed', failure, progress: null }));
  }
}

/**
 * @param {Pending} pending
 * @param {Pending | null | ((now: Pending) => Pending)} next null drops it
 */
function change(pending, next) {
  const shown = pendingOf(pending.chat);
  shown.value = shown.value.flatMap((one) => {
    if (one.id !== pending.id) return [one];
    const now = typeof next === 'function' ? next(one) : next;
    return now ? [now] : [];
  });
}
