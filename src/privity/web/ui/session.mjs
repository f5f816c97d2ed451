/**
 * The window's session with the client that serves it.
 *
 * The launch token comes behind the `#` and is redeemed once; what it gives is kept
 * for this tab only and leaves it in a header, never in a cookie or an address.
 */

const KEPT = 'privity.session';
const SIGN = 'privity.countersign';

/** No session, or one that the client has forgotten: only a new start helps. */
export class SessionOver extends Error {}

/**
 * Redeem the launch token of the address, or go on with this tab's session.
 * @returns {Promise<string>} the link that the window was opened for, if any; raises
 *   SessionOver
 */
export async function beginSession() {
  const token = /^#launch=([\w-]+)$/u.exec(location.hash)?.[1];
  if (token === undefined) {
    keptSession();
    return '';
  }
  history.replaceState(null, '', location.pathname);
  const answer = await fetch('/launch', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  if (!answer.ok) throw new SessionOver();
  const { session, countersign, link } = await answer.json();
  sessionStorage.setItem(KEPT, session);
  sessionStorage.setItem(SIGN, countersign);
  return link;
}

/** Forget the session of this tab. */
export function endSession() {
  sessionStorage.removeItem(KEPT);
  sessionStorage.removeItem(SIGN);
}

/** The session of this tab; raises SessionOver. */
export function keptSession() {
  const kept = sessionStorage.getItem(KEPT);
  if (kept === null) throw new SessionOver();
  return kept;
}

/**
 * Whether this is said by the client that let this tab in. Once it has ended, another
 * program can listen where it did.
 * @param {any} message the first of a connection
 */
export function isFromClient(message) {
  const sign = sessionStorage.getItem(SIGN);
  return message.method === 'ui.countersign' && sign !== null && message.params.countersign === sign;
}

/** The header that shows the session. */
export function bearer() {
  return { Authorization: `Bearer ${keptSession()}` };
}
