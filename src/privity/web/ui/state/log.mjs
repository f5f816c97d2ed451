/**
 * The part of a chat that is loaded: a window over its messages, as a value.
 *
 * A chat can have a hundred thousand messages; the window has a few hundred. It grows
 * at the end one reads towards and loses as many at the other. Pure functions.
 */

/** @typedef {import('../types.mjs').Message} Message */
/** @typedef {import('../types.mjs').Sent} Sent */
/**
 * @typedef {{
 *   messages: readonly Message[], older: boolean, newer: boolean, readUpto: number,
 * }} Log `older` and `newer`: there is more on that side that is not loaded
 */

/** Messages that are asked for at once. */
export const PAGE = 50;
/** Messages that are kept at most. */
export const MOST = 400;
const QUOTED = 80;

/**
 * The newest part of a chat.
 * @param {import('../types.mjs').History} history
 * @returns {Log}
 */
export function newest({ messages, more, read_upto }) {
  return { messages, older: more, newer: false, readUpto: read_upto };
}

/**
 * @param {Log} log
 * @param {readonly Message[]} messages older ones
 * @param {boolean} more whether there are older ones than these
 * @returns {Log}
 */
export function withOlder(log, messages, more) {
  const all = merged(messages, log.messages);
  const kept = all.slice(0, MOST);
  return { ...log, messages: kept, older: more, newer: log.newer || all.length > MOST };
}

/**
 * @param {Log} log
 * @param {readonly Message[]} messages newer ones
 * @param {boolean} more whether there are newer ones than these
 * @returns {Log}
 */
export function withNewer(log, messages, more) {
  const all = merged(log.messages, messages);
  return { ...log, messages: all.slice(-MOST), newer: more, older: log.older || all.length > MOST };
}

/**
 * What `watch` said of a message.
 * @param {Log} log
 * @param {Message} message
 * @returns {Log}
 */
export function withMessage(log, message) {
  const place = log.messages.findIndex((one) => one.message === message.message);
  if (place >= 0) return replaced(log, place, message);
  // A change of what is not loaded is seen when it is; so is news behind the window.
  if (log.newer || isOlder(message, log)) return log;
  return { ...log, messages: merged(log.messages, [message]).slice(-MOST) };
}

/**
 * A message of mine is at the relay: it has its place now.
 * @param {Log} log
 * @param {Sent} sent
 * @returns {Log}
 */
export function withSent(log, sent) {
  const place = log.messages.findIndex((one) => one.message === sent.message);
  if (place < 0) return log;
  const message = { ...log.messages[place], state: sent.state, seq: sent.seq };
  const others = log.messages.filter((_, at) => at !== place);
  return { ...log, messages: merged(others, [message]) };
}

/**
 * @param {Log} log
 * @param {string} id
 * @returns {Log}
 */
export function withoutMessage(log, id) {
  return { ...log, messages: log.messages.filter((one) => one.message !== id) };
}

/**
 * The log without messages whose time is over, nor what answers quote of them.
 * @param {Log} log
 * @param {ReadonlySet<string>} ids
 * @returns {Log}
 */
export function withoutGone(log, ids) {
  const rest = log.messages.filter((one) => !ids.has(one.message));
  return { ...log, messages: rest.map((one) => (ids.has(one.reply_to) ? { ...one, quote: '' } : one)) };
}

/**
 * The highest place that is loaded; 0 if nothing has one.
 * @param {Log} log
 */
export function lastSeq(log) {
  return log.messages.reduce((seq, one) => Math.max(seq, one.seq), 0);
}

/**
 * The lowest place that is loaded; 0 if nothing has one.
 * @param {Log} log
 */
export function firstSeq(log) {
  return log.messages.find((one) => one.seq > 0)?.seq ?? 0;
}

/**
 * @param {Log} log
 * @param {number} place
 * @param {Message} message
 * @returns {Log}
 */
function replaced(log, place, message) {
  const quote = quoteOf(message);
  const messages = log.messages.map((one, at) => {
    if (at === place) return message;
    return one.reply_to === message.message ? { ...one, quote } : one;
  });
  return { ...log, messages };
}

/** @param {Message} message */
function quoteOf(message) {
  const isQuiet = message.kind === 'deleted' || message.folded;
  const words = isQuiet ? '' : message.text || message.file?.name || '';
  return words.length <= QUOTED ? words : `${words.slice(0, QUOTED - 1)}…`;
}

/**
 * @param {Message} message
 * @param {Log} log
 */
function isOlder(message, log) {
  return log.older && message.seq > 0 && message.seq < firstSeq(log);
}

/**
 * Both, in the order of the chat, each message once, as the second has it. What waits
 * for the relay stands at the end, in the order in which it was said.
 * @param {readonly Message[]} first
 * @param {readonly Message[]} second
 */
function merged(first, second) {
  const all = new Map(first.map((one) => [one.message, one]));
  for (const one of second) all.set(one.message, one);
  // A line without a place tells how the chat began; a message without one still waits.
  const place = (/** @type {Message} */ one) =>
    one.seq || (one.kind === 'line' ? 0 : Number.MAX_SAFE_INTEGER);
  return [...all.values()].sort((a, b) => place(a) - place(b));
}
