/** The loaded part of each chat that was opened, kept up with what happens. */
import { batch, signal } from '../html.mjs';
import { call } from '../rpc.mjs';
import { forgetMessages } from './gone.mjs';
import * as log_ from './log.mjs';
import { chats, set } from './world.mjs';

/** @typedef {import('./log.mjs').Log} Log */
/** @typedef {{log: Log | null, busy: '' | 'opening' | 'older' | 'newer', failure: any}} Shown */

/** Chats whose log is kept after they were left. */
const KEPT = 8;
/** @type {Shown} */
const NOTHING = { log: null, busy: '', failure: null };
/** @type {Map<string, import('@preact/signals').Signal<Shown>>} */
const all = new Map();

/**
 * What is loaded of a chat.
 * @param {string} chat
 */
export function logOf(chat) {
  const known = all.get(chat);
  if (known) return known;
  const made = signal(NOTHING);
  all.set(chat, made);
  const oldest = all.keys().next().value;
  if (all.size > KEPT && oldest !== undefined) all.delete(oldest);
  return made;
}

/**
 * Load the newest part of a chat, or what is around a place in it.
 * @param {string} chat
 * @param {number} [at] a seq
 */
export function openLog(chat, at = 0) {
  return at ? openAround(chat, at) : load(chat, 'opening', {}, (_, history) => log_.newest(history));
}

/**
 * Load more of the older side.
 * @param {string} chat
 */
export function loadOlder(chat) {
  const { log, busy } = logOf(chat).value;
  if (!log?.older || busy) return Promise.resolve();
  return load(chat, 'older', { before: log_.firstSeq(log) }, (now, history) =>
    now ? log_.withOlder(now, history.messages, history.more) : now,
  );
}

/**
 * Load more of the newer side, up to the end of the chat.
 * @param {string} chat
 */
export async function loadNewer(chat) {
  const { log, busy } = logOf(chat).value;
  if (!log?.newer || busy) return;
  // The verb counts back from a place. Places of what has no line of its own (edits,
  // reactions) are passed with longer strides.
  const from = log_.lastSeq(log);
  for (let stride = log_.PAGE; ; stride *= 4) {
    const before = from + stride + 1;
    const limit = Math.min(stride, 1000);
    const history = await load(chat, 'newer', { before, limit }, (now) => now);
    if (!history) return;
    const found = history.messages.filter((/** @type {any} */ one) => one.seq > from);
    if (found.length || stride > 100_000) {
      const ended = found.length < log_.PAGE && (await isEnd(chat, found.at(-1)?.seq ?? from));
      update(chat, (now) => now && log_.withNewer(now, found, !ended));
      return;
    }
  }
}

/** Nothing is loaded any more. */
export function forgetLogs() {
  for (const shown of all.values()) shown.value = NOTHING;
  all.clear();
}

/** Look again at what is loaded, after a connection was lost. */
export function refreshLogs() {
  for (const [chat, shown] of all) {
    if (shown.value.log && !shown.value.log.newer) openLog(chat);
  }
}

/**
 * Take in the last few messages of a chat, such as those that were just made here.
 * @param {string} chat
 * @param {number} count
 */
export async function refreshTail(chat, count) {
  const history = await call('history', { chat, limit: count + 4 });
  update(chat, (log) => {
    if (!log) return log;
    return log.newer ? log_.newest(history) : log_.withNewer(log, history.messages, false);
  });
  return history;
}

/**
 * @param {string} what new, edited, deleted, reaction, folded, sent, failed, chat
 * @param {any} about
 */
export function logHears(what, about) {
  const shown = all.get(about.chat);
  if (!shown?.value.log) return;
  if (what === 'chat') return;
  if (what === 'sent' && !shown.value.log.messages.some((one) => one.message === about.message)) {
    refreshTail(about.chat, 1).catch(() => {});
    return;
  }
  update(about.chat, (log) =>
    log && (what === 'sent' ? log_.withSent(log, about) : log_.withMessage(log, about)),
  );
}

/**
 * Drop a message that was taken back before it left.
 * @param {string} chat
 * @param {string} message
 */
export function dropMessage(chat, message) {
  update(chat, (log) => log && log_.withoutMessage(log, message));
}

/**
 * Drop everything of a chat that was deleted.
 * @param {string} chat
 */
export function forgetLog(chat) {
  const ids = all.get(chat)?.value.log?.messages.map((one) => one.message) ?? [];
  all.delete(chat);
  forgetMessages(chat, ids);
}

/**
 * Drop messages whose time is over.
 * @param {string} chat
 * @param {readonly string[]} messages
 */
export function dropGone(chat, messages) {
  if (!all.get(chat)?.value.log) return;
  const ids = new Set(messages);
  update(chat, (log) => log && log_.withoutGone(log, ids));
}

/**
 * Say that everything up to a place was seen.
 * @param {string} chat
 * @param {number} seq
 */
export async function markRead(chat, seq) {
  const known = chats.value.get(chat);
  if (known) chats.value = set(chats.value, chat, { ...known, unread: 0 });
  await call('read', { chat, seq });
}

/**
 * @param {string} chat
 * @param {number} at
 */
async function openAround(chat, at) {
  const before = at + log_.PAGE / 2;
  await load(chat, 'opening', { before }, (_, history) => ({ ...log_.newest(history), newer: true }));
  await loadNewer(chat);
}

/**
 * @param {string} chat
 * @param {number} seq
 */
async function isEnd(chat, seq) {
  const tail = await call('history', { chat, limit: 1 });
  const last = tail.messages.at(-1);
  return !last || last.seq === 0 || last.seq <= seq;
}

/**
 * @param {string} chat
 * @param {Shown['busy']} busy
 * @param {object} asked
 * @param {(log: Log | null, history: import('../types.mjs').History) => Log | null} taken
 */
async function load(chat, busy, asked, taken) {
  const shown = logOf(chat);
  shown.value = { ...shown.value, busy, failure: null };
  try {
    const history = await call('history', { chat, limit: log_.PAGE, ...asked });
    batch(() => {
      shown.value = { log: taken(shown.value.log, history), busy: '', failure: null };
      chats.value = set(chats.value, chat, history.chat);
    });
    return history;
  } catch (failure) {
    shown.value = { ...shown.value, busy: '', failure };
    return null;
  }
}

/**
 * @param {string} chat
 * @param {(log: Log | null) => Log | null} change
 */
function update(chat, change) {
  const shown = logOf(chat);
  shown.value = { ...shown.value, log: change(shown.value.log) };
}

/**
 * Look again at one message after it was changed here.
 * @param {import('../types.mjs').Message} message
 */
export async function refreshMessage({ chat, message, seq }) {
  const before = seq ? seq + 1 : 0;
  const history = await call('history', { chat, limit: seq ? 1 : 20, before });
  const found = history.messages.find((/** @type {any} */ one) => one.message === message);
  if (found) update(chat, (log) => log && log_.withMessage(log, found));
}
