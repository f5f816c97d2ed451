/** The files of a chat, the newest first, read from its history page by page. */
import { call } from '../rpc.mjs';

const PAGE = 500;
/** Pages that one look goes back; more when somebody asks. */
const PAGES = 4;

/**
 * @typedef {import('../types.mjs').Message} Message
 * @typedef {{files: readonly Message[], before: number, more: boolean}} Collected
 */

/** @type {Collected} */
export const NOTHING = Object.freeze({ files: [], before: 0, more: true });

/**
 * Go further back in a chat until files were found, or the look was long enough.
 * @param {string} chat
 * @param {Collected} so_far
 * @returns {Promise<Collected>} raises Failure
 */
export async function collect(chat, so_far = NOTHING) {
  let found = so_far;
  for (let page = 0; page < PAGES && found.more; page += 1) {
    const { messages, more } = await call('history', { chat, limit: PAGE, before: found.before });
    const files = messages.filter((/** @type {Message} */ one) => one.file && one.kind === 'file' && !one.folded).reverse();
    const oldest = messages.find((/** @type {Message} */ one) => one.seq > 0);
    found = { files: [...found.files, ...files], before: oldest?.seq ?? found.before, more: more && Boolean(oldest) };
    if (files.length > 0) return found;
  }
  return found;
}
