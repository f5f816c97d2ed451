/** Tabs: arrows move between them, the panel follows. */
import { html, useId } from '../html.mjs';

/**
 * @param {{
 *   label: string, tabs: readonly {name: string, label: string}[], chosen: string,
 *   onChoose: (name: string) => void, children?: any,
 * }} props
 */
export function Tabs({ label, tabs, chosen, onChoose, children }) {
  const id = useId();
  const move = (/** @type {any} */ event) => {
    const rtl = getComputedStyle(event.currentTarget).direction === 'rtl';
    const steps = { ArrowRight: rtl ? -1 : 1, ArrowLeft: rtl ? 1 : -1 };
    const step = steps[/** @type {keyof typeof steps} */ (event.key)];
    if (!step) return;
    event.preventDefault();
    const here = tabs.findIndex(({ name }) => name === chosen);
    const next = (here + step + tabs.length) % tabs.length;
    onChoose(tabs[next].name);
    event.currentTarget.children[next].focus();
  };
  return html`
    <div class="tabs" role="tablist" aria-label=${label} onKeyDown=${move}>
      ${tabs.map(
        (one) => html`<button
          key=${one.name}
          type="button"
          role="tab"
          id="${id}-${one.name}"
          aria-selected=${one.name === chosen ? 'true' : 'false'}
          aria-controls="${id}-panel"
          tabindex=${one.name === chosen ? 0 : -1}
          onClick=${() => onChoose(one.name)}
        >
          ${one.label}
        </button>`,
      )}
    </div>
    <div class="tab-panel" role="tabpanel" id="${id}-panel" aria-labelledby="${id}-${chosen}">${children}</div>
  `;
}
