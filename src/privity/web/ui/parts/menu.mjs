/** A menu that opens from a button or at a point; arrows move, Esc closes. */
import { html, useEffect, useLayoutEffect, useRef, useState } from '../html.mjs';
import { IconButton } from './button.mjs';
import { Icon } from './icon.mjs';

/**
 * @typedef {{
 *   label: string, icon?: string, act: () => void, danger?: boolean, hint?: string,
 * }} Item
 * @typedef {{x: number, y: number, opens?: 'start' | 'end'}} Point to which side it opens
 */

/**
 * A button with a menu.
 * @param {{label: string, icon?: string, items: () => readonly Item[], class?: string}} props
 */
export function MenuButton({ label, icon = 'more', items, class: extra = '' }) {
  const [at, setAt] = useState(/** @type {Point | null} */ (null));
  const open = (/** @type {any} */ event) => {
    const box = event.currentTarget.getBoundingClientRect();
    const end = getComputedStyle(document.documentElement).direction === 'rtl';
    setAt({ x: end ? box.left : box.right, y: box.bottom + 4 });
  };
  return html`
    <${IconButton}
      icon=${icon}
      label=${label}
      class=${extra}
      aria-haspopup="menu"
      aria-expanded=${at ? 'true' : 'false'}
      onClick=${open}
    />
    ${at && html`<${Menu} label=${label} items=${items()} at=${at} onClose=${() => setAt(null)} />`}
  `;
}

/**
 * A menu at a point of the window.
 * @param {{
 *   label: string, items: readonly Item[], at: Point, onClose: () => void, top?: any,
 * }} props `top` stands above the items, such as a row of emoji
 */
export function Menu({ label, items, at, onClose, top }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => place(box.current, at), [at]);
  useEffect(() => {
    const before = document.activeElement;
    entries(box.current)[0]?.focus();
    const outside = (/** @type {Event} */ event) => {
      if (!box.current?.contains(/** @type {Node} */ (event.target))) onClose();
    };
    document.addEventListener('pointerdown', outside, true);
    addEventListener('resize', onClose);
    return () => {
      document.removeEventListener('pointerdown', outside, true);
      removeEventListener('resize', onClose);
      const now = document.activeElement;
      const lostFocus = now === document.body || box.current?.contains(now);
      if (lostFocus && before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const act = (/** @type {Item} */ item) => {
    onClose();
    item.act();
  };
  return html`<div class="menu" ref=${box} onKeyDown=${(/** @type {any} */ e) => steer(e, box.current, onClose)}>
    ${top}
    <div role="menu" aria-label=${label}>
      ${items.map(
        (item) => html`<button
          key=${item.label}
          type="button"
          role="menuitem"
          tabindex="-1"
          class=${item.danger ? 'danger' : ''}
          onClick=${() => act(item)}
        >
          ${item.icon && html`<${Icon} name=${item.icon} />`}
          <span>${item.label}</span>
          ${item.hint && html`<kbd>${item.hint}</kbd>`}
        </button>`,
      )}
    </div>
  </div>`;
}

/** @param {HTMLElement | null} box */
function entries(box) {
  return [...(box?.querySelectorAll('button') ?? [])];
}

/**
 * @param {KeyboardEvent} event
 * @param {HTMLElement | null} box
 * @param {() => void} onClose
 */
function steer(event, box, onClose) {
  const all = entries(box);
  const here = all.indexOf(/** @type {any} */ (document.activeElement));
  const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
  const step = steps[/** @type {keyof typeof steps} */ (event.key)];
  if (step) all.at((here + step + all.length) % all.length)?.focus();
  else if (event.key === 'Home') all[0]?.focus();
  else if (event.key === 'End') all.at(-1)?.focus();
  else if (event.key === 'Escape' || event.key === 'Tab') onClose();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/**
 * @param {HTMLElement | null} box
 * @param {Point} at
 */
function place(box, at) {
  if (!box) return;
  const { width, height } = box.getBoundingClientRect();
  const rtl = getComputedStyle(box).direction === 'rtl';
  const toLeft = rtl === (at.opens === 'end');
  const left = toLeft ? at.x - width : at.x;
  box.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
  box.style.top = `${Math.max(8, Math.min(at.y, innerHeight - height - 8))}px`;
}
