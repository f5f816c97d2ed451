/** All emoji in a box: arrows move, Enter picks, Esc closes. */
import { html, signal, useEffect, useLayoutEffect, useRef } from '../html.mjs';
import { t } from '../i18n.mjs';
import { GROUPS } from './emoji_data.mjs';

const MOST_RECENT = 16;
const recent = signal(/** @type {readonly string[]} */ ([]));

/**
 * @param {{
 *   at: {x: number, y: number}, onPick: (emoji: string) => void, onClose: () => void,
 *   stay?: boolean,
 * }} props `stay`: it stays open for another one
 */
export function EmojiPicker({ at, onPick, onClose, stay = false }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => place(box.current, at), [at]);
  useEffect(() => {
    const before = document.activeElement;
    box.current?.querySelector('button')?.focus();
    const outside = (/** @type {Event} */ event) => {
      if (!box.current?.contains(/** @type {Node} */ (event.target))) onClose();
    };
    document.addEventListener('pointerdown', outside, true);
    return () => {
      document.removeEventListener('pointerdown', outside, true);
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const pick = (/** @type {string} */ emoji) => {
    recent.value = [emoji, ...recent.value.filter((one) => one !== emoji)].slice(0, MOST_RECENT);
    onPick(emoji);
    if (!stay) onClose();
  };
  const groups = recent.value.length ? [{ name: 'emoji.recent', emoji: recent.value }, ...GROUPS] : GROUPS;
  return html`<div
    class="emoji-picker"
    ref=${box}
    role="dialog"
    aria-label=${t('compose.emoji')}
    onKeyDown=${(/** @type {KeyboardEvent} */ event) => steer(event, box.current, onClose)}
  >
    ${groups.map(
      (group) => html`<section key=${group.name}>
        <h3>${t(group.name)}</h3>
        <div class="emoji-grid">
          ${group.emoji.map((one) => html`<button type="button" key=${one} onClick=${() => pick(one)}>${one}</button>`)}
        </div>
      </section>`,
    )}
  </div>`;
}

/**
 * @param {KeyboardEvent} event
 * @param {HTMLElement | null} box
 * @param {() => void} onClose
 */
function steer(event, box, onClose) {
  const all = [...(box?.querySelectorAll('button') ?? [])];
  const here = all.indexOf(/** @type {any} */ (document.activeElement));
  const rtl = document.documentElement.dir === 'rtl' ? -1 : 1;
  const grid = box?.querySelector('.emoji-grid');
  const wide = grid ? getComputedStyle(grid).gridTemplateColumns.split(' ').length : 8;
  const steps = { ArrowRight: rtl, ArrowLeft: -rtl, ArrowDown: wide, ArrowUp: -wide };
  const step = steps[/** @type {keyof typeof steps} */ (event.key)];
  if (event.key === 'Escape') onClose();
  else if (event.key === 'Tab') stepGroup(box, event.shiftKey ? -1 : 1);
  else if (step) all[Math.max(0, Math.min(all.length - 1, here + step))]?.focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/**
 * From group to group, round and round: there are hundreds of emoji.
 * @param {HTMLElement | null} box
 * @param {1 | -1} by
 */
function stepGroup(box, by) {
  const groups = [...(box?.querySelectorAll('section') ?? [])];
  const here = groups.findIndex((one) => one.contains(document.activeElement));
  groups.at((here + by) % groups.length)?.querySelector('button')?.focus();
}

/**
 * @param {HTMLElement | null} box
 * @param {{x: number, y: number}} at
 */
function place(box, at) {
  if (!box) return;
  const { width, height } = box.getBoundingClientRect();
  box.style.left = `${Math.max(8, Math.min(at.x - width, innerWidth - width - 8))}px`;
  box.style.top = `${Math.max(8, Math.min(at.y, innerHeight - height - 8))}px`;
}
