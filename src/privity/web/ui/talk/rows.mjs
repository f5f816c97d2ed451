/** What is shown of a log, from top to bottom: days, the mark of what is new, messages. */

/** @typedef {import('../types.mjs').Message} Message */
/**
 * @typedef {{
 *   kind: 'day' | 'new' | 'line' | 'message' | 'folded', key: string, time: number,
 *   message?: Message, first?: boolean, last?: boolean, messages?: readonly Message[],
 * }} Row `first` and `last` of what one person said in one breath; `messages` of those
 *   that somebody blocked wrote, one behind the other
 */

/** Seconds between two messages of one breath. */
const BREATH = 5 * 60;

/**
 * @param {readonly Message[]} messages
 * @param {number} readUpto what was seen when the chat was opened; -1 for no mark
 * @returns {readonly Row[]}
 */
export function rowsOf(messages, readUpto) {
  /** @type {Row[]} */
  const rows = [];
  let marked = readUpto < 0;
  for (const message of messages) {
    const { time } = message;
    const before = rows.at(-1);
    if (!before || dayOf(before.time) !== dayOf(time)) {
      rows.push({ kind: 'day', key: `day ${dayOf(time)} ${message.message}`, time });
    }
    if (!marked && message.seq > readUpto && message.sender.trust !== 'me' && message.kind !== 'line' && !message.folded) {
      rows.push({ kind: 'new', key: 'new', time });
      marked = true;
    }
    const last = rows.at(-1);
    if (message.folded && last?.kind === 'folded') last.messages = [...(last.messages ?? []), message];
    else rows.push(rowOf(message, last));
  }
  return rows;
}

/**
 * @param {Message} message
 * @param {Row | undefined} before
 * @returns {Row}
 */
function rowOf(message, before) {
  const { time, message: key } = message;
  if (message.kind === 'line') return { kind: 'line', key, time, message };
  if (message.folded) return { kind: 'folded', key, time, messages: [message] };
  const goesOn = before?.kind === 'message' && before.message && isOneBreath(before.message, message);
  if (goesOn && before) before.last = false;
  return { kind: 'message', key, time, message, first: !goesOn, last: true };
}

/**
 * @param {Message} one
 * @param {Message} next
 */
function isOneBreath(one, next) {
  return one.sender.account === next.sender.account && next.time - one.time < BREATH;
}

/** @param {number} seconds */
function dayOf(seconds) {
  return new Date(seconds * 1000).toDateString();
}
