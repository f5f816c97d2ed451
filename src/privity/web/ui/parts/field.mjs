/** Things to fill in: a line of text, a switch, one of several. */
import { html, useId } from '../html.mjs';

/**
 * @param {{
 *   label: string, value: string, onInput: (value: string) => void,
 *   hint?: string, error?: string, lines?: number, input?: any, [more: string]: any,
 * }} props `lines` above 1 makes it an area; `input` is a ref
 */
export function Field({ label, value, onInput, hint, error, lines = 1, input, ...more }) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  const given = {
    dir: 'auto',
    // Browsers keep on disk what was typed, unless told otherwise.
    autocomplete: 'off',
    ...more,
    id,
    ref: input,
    value,
    'aria-describedby': described || undefined,
    'aria-invalid': error ? 'true' : undefined,
    onInput: (/** @type {any} */ event) => onInput(event.target.value),
  };
  return html`<div class="field">
    <label for=${id}>${label}</label>
    ${lines > 1 ? html`<textarea ...${given} rows=${lines} />` : html`<input ...${given} />`}
    ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
    ${error && html`<p class="error" id="${id}-error" role="alert">${error}</p>`}
  </div>`;
}

/**
 * @param {{
 *   label: string, on: boolean, onChange: (on: boolean) => void,
 *   hint?: string, disabled?: boolean,
 * }} props
 */
export function Switch({ label, on, onChange, hint, disabled }) {
  const id = useId();
  return html`<div class="switch">
    <label for=${id}>
      <span>${label}</span>
      ${hint && html`<span class="hint" id="${id}-hint">${hint}</span>`}
    </label>
    <input
      id=${id}
      type="checkbox"
      role="switch"
      checked=${on}
      disabled=${disabled}
      aria-label=${label}
      aria-describedby=${hint ? `${id}-hint` : undefined}
      onChange=${(/** @type {any} */ event) => onChange(event.target.checked)}
    />
  </div>`;
}

/**
 * @param {{
 *   label: string, value: string, onChange: (value: string) => void,
 *   options: readonly {value: string, label: string, hint?: string, lang?: string}[],
 * }} props
 */
export function Choice({ label, value, onChange, options }) {
  const group = useId();
  return html`<fieldset class="choice">
    <legend>${label}</legend>
    ${options.map(
      (one) => html`<label key=${one.value}>
        <input
          type="radio"
          name=${group}
          value=${one.value}
          checked=${one.value === value}
          onChange=${() => onChange(one.value)}
        />
        <span lang=${one.lang}>${one.label}</span>
        ${one.hint && html`<span class="hint">${one.hint}</span>`}
      </label>`,
    )}
  </fieldset>`;
}
