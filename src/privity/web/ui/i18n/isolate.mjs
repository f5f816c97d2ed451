/** Text of others, kept from turning the sentence around it. */

const FSI = '\u2068';
const PDI = '\u2069';

/**
 * Set a text apart from the direction of what surrounds it. Marks inside it that are
 * left open end with it.
 * @param {string} text
 */
export function isolate(text) {
  const opened = text.match(/[\u2066-\u2068]/gu)?.length ?? 0;
  const closed = text.match(/\u2069/gu)?.length ?? 0;
  const open = PDI.repeat(Math.max(0, opened - closed));
  // A stray end would leave the isolation; what turns letters around ends anyway.
  const safe = closed > opened ? text.replaceAll(PDI, '') : text;
  return FSI + safe + open + PDI;
}
