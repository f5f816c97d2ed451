/** What became of a message of one's own, in a word; of how many readers, if of several. */
import { knows, t } from '../i18n.mjs';

/** @param {{state: string, delivered?: number, read?: number}} message */
export function stateWord({ state, delivered = 0, read = 0 }) {
  if (state === 'read' && read > 1) return t('state.read_by', { count: read });
  if (state === 'delivered' && delivered > 1) return t('state.delivered_to', { count: delivered });
  const key = `state.${state.replaceAll(' ', '_')}`;
  return knows(key) ? t(key) : state;
}
