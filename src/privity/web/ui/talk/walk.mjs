/** The keys inside a log: from message to message, and what can be done with one. */
import { openMessageMenu } from './message_menu.mjs';

/** @param {KeyboardEvent} event */
export function walkLog(event) {
  const box = /** @type {HTMLElement} */ (event.currentTarget);
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const here = /** @type {HTMLElement | null} */ (
    /** @type {HTMLElement} */ (event.target).closest('[data-message]')
  );
  const own = event.target === here;
  if (event.key === 'ArrowUp' || event.key === 'ArrowDown') step(box, here, event.key === 'ArrowUp' ? -1 : 1);
  else if (event.key === 'End') step(box, null, -1);
  else if (own && here && (event.key === 'Enter' || event.key === 'ContextMenu' || (event.shiftKey && event.key === 'F10'))) {
    openMessageMenu(here);
  } else if (event.key === 'Escape' && here) box.focus();
  else return;
  event.preventDefault();
}

/**
 * @param {HTMLElement} box
 * @param {HTMLElement | null} here
 * @param {number} by
 */
function step(box, here, by) {
  const all = [...box.querySelectorAll('[data-message]')];
  const next = here ? all[all.indexOf(here) + by] : all.at(-1);
  if (!(next instanceof HTMLElement)) return;
  next.focus();
  next.scrollIntoView({ block: 'nearest' });
}
