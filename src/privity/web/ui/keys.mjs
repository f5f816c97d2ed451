/**
 * The keys that work everywhere. Letters alone never do: they belong to whoever types,
 * and to screen readers.
 */
import { goTo, route } from './router.mjs';
import { neighbour } from './chats/order.mjs';
import { openOverlay } from './shell/overlay.mjs';

/**
 * @typedef {{
 *   keys: string, says: string, group: 'everywhere' | 'conversation' | 'composer',
 *   act?: () => void,
 * }} Shortcut `says` is a key of the catalogue; those without `act` live in their screen
 */

/** @type {readonly Shortcut[]} */
export const SHORTCUTS = [
  { keys: 'Ctrl+K', says: 'keys.search', group: 'everywhere', act: focusSearch },
  { keys: 'Alt+ArrowDown', says: 'keys.next_chat', group: 'everywhere', act: () => step(1) },
  { keys: 'Alt+ArrowUp', says: 'keys.previous_chat', group: 'everywhere', act: () => step(-1) },
  { keys: 'Alt+N', says: 'keys.new_chat', group: 'everywhere', act: () => goTo('new') },
  { keys: 'Ctrl+,', says: 'keys.settings', group: 'everywhere', act: () => goTo('settings') },
  { keys: 'Ctrl+/', says: 'keys.sheet', group: 'everywhere', act: () => openOverlay('shortcuts') },
  { keys: 'F1', says: 'keys.sheet', group: 'everywhere', act: () => openOverlay('shortcuts') },
  { keys: 'Alt+M', says: 'keys.write', group: 'conversation', act: focusComposer },
  { keys: 'PageUp', says: 'keys.page', group: 'conversation' },
  { keys: 'ArrowUp', says: 'keys.messages', group: 'conversation' },
  { keys: 'Enter', says: 'keys.message_menu', group: 'conversation' },
  { keys: 'Escape', says: 'keys.close', group: 'everywhere' },
  { keys: 'Enter', says: 'keys.send', group: 'composer' },
  { keys: 'Shift+Enter', says: 'keys.new_line', group: 'composer' },
  { keys: 'ArrowUp', says: 'keys.edit_last', group: 'composer' },
];

/** Listen from now on. */
export function beginKeys() {
  addEventListener('keydown', (event) => {
    if (event.isComposing || event.defaultPrevented) return;
    const pressed = SHORTCUTS.find((one) => one.act && matches(one.keys, event));
    if (!pressed || document.querySelector('dialog[open]')) return;
    event.preventDefault();
    pressed.act?.();
  });
}

/**
 * @param {string} keys
 * @param {KeyboardEvent} event
 */
export function matches(keys, event) {
  const parts = keys.split('+');
  const key = parts.at(-1) ?? '';
  // Some keyboards have "/" on a shifted key.
  const shift = parts.includes('Shift') === event.shiftKey || key === '/';
  const ctrl = parts.includes('Ctrl') === (event.ctrlKey || event.metaKey);
  const named = event.key.toLowerCase() === key.toLowerCase();
  const placed = key.length === 1 && event.code === `Key${key.toUpperCase()}`;
  return shift && ctrl && parts.includes('Alt') === event.altKey && (named || placed);
}

function focusSearch() {
  const box = /** @type {HTMLInputElement | null} */ (document.querySelector('[data-key=search]'));
  if (!box || box.offsetParent === null) goTo('');
  requestAnimationFrame(() => {
    box?.focus();
    box?.select();
  });
}

function focusComposer() {
  /** @type {HTMLElement | null} */ (document.querySelector('[data-key=composer]'))?.focus();
}

/** @param {1 | -1} by */
function step(by) {
  const here = route.value.name === 'chat' ? route.value.parts[0] : '';
  const next = neighbour(here, by);
  if (next) goTo('chat', [next]);
}
