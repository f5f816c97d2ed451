/** Whether the client reaches its relay, as far as it has told, and asking it to try. */
import { computed } from '../html.mjs';
import { call } from '../rpc.mjs';
import { phase } from './world.mjs';

export const isOnline = computed(() => phase.value?.online ?? true);

/** The Unix second of the next try; 0 while it is tried, or not to be. */
export const nextTry = computed(() => phase.value?.next_try ?? 0);

/** What keeps this device off, such as `unreachable` or `rolled_back`. */
export const offBecause = computed(() => phase.value?.problem ?? '');

/** Seconds for which a try that somebody asked for is waited for. */
const PATIENCE = 8;

/**
 * Let the client try now, where it is offline; the client decides how soon that may be.
 * @returns {Promise<boolean>} whether the relay is reached
 */
export async function tryNow() {
  if (isOnline.peek()) return true;
  return (await call('reconnect', { wait: PATIENCE })).online;
}

/** The same where nobody waits for an answer. */
export function tryQuietly() {
  tryNow().catch(() => {});
}

/** Ask for a try when the network is there again, and when somebody looks. */
export function beginReaching() {
  window.addEventListener('online', tryQuietly);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') tryQuietly();
  });
}
