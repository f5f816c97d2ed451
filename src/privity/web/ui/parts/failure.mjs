/**
 * What went wrong, in the language of the window.
 *
 * A code that the catalogue knows is said by it; any other as the client says it, in
 * English: better than nothing, and never hidden.
 */
import { knows, t } from '../i18n.mjs';

/**
 * @param {any} failure
 * @returns {{message: string, next: string}}
 */
export function wordsOf(failure) {
  const key = `error.${failure?.code || 'lost'}`;
  if (!knows(key)) return { message: failure?.message || t('error.lost'), next: failure?.next ?? '' };
  return { message: t(key), next: knows(`${key}.next`) ? t(`${key}.next`) : '' };
}
