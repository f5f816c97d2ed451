/** A question over everything else; Esc closes it, and the focus goes back. */
import { html, signal, useEffect, useId, useRef } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Button, IconButton } from './button.mjs';

/**
 * @param {{
 *   title: string, onClose: () => void, children?: any, actions?: any, wide?: boolean,
 *   kind?: string,
 * }} props shown for as long as it is rendered
 */
export function Dialog({ title, onClose, children, actions, wide = false, kind = '' }) {
  const box = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    box.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const closeAtEdge = (/** @type {MouseEvent} */ event) => {
    if (event.target === box.current) onClose();
  };
  const cancel = (/** @type {Event} */ event) => {
    event.preventDefault();
    onClose();
  };
  return html`<dialog
    ref=${box}
    class="dialog ${wide ? 'wide' : ''} ${kind}"
    aria-labelledby=${id}
    onCancel=${cancel}
    onMouseDown=${closeAtEdge}
  >
    <div class="dialog-body">
      <header>
        <h2 id=${id}>${title}</h2>
        <${IconButton} icon="close" label=${t('common.close')} onClick=${onClose} />
      </header>
      ${children}
      ${actions && html`<footer>${actions}</footer>`}
    </div>
  </dialog>`;
}

/**
 * @typedef {{
 *   title: string, text?: any, action: string, danger?: boolean,
 * }} Question
 */

const asked = signal(
  /** @type {(Question & {answer: (yes: boolean) => void}) | null} */ (null),
);

/**
 * Ask before something that can't be taken back.
 * @param {Question} question
 * @returns {Promise<boolean>}
 */
export function confirm(question) {
  asked.value?.answer(false);
  return new Promise((resolve) => {
    asked.value = {
      ...question,
      answer: (yes) => {
        asked.value = null;
        resolve(yes);
      },
    };
  });
}

/** Whoever was asked is gone: take it for a no. */
export function answerNo() {
  asked.value?.answer(false);
}

/** Where `confirm` shows itself; the shell has one. */
export function Confirmation() {
  const question = asked.value;
  if (question === null) return null;
  const no = () => question.answer(false);
  const actions = html`
    <${Button} onClick=${no}>${t('common.cancel')}<//>
    <${Button}
      kind=${question.danger ? 'danger' : 'primary'}
      onClick=${() => question.answer(true)}
      >${question.action}<//
    >
  `;
  return html`<${Dialog} title=${question.title} onClose=${no} actions=${actions}>
    ${question.text && html`<p>${question.text}</p>`}
  <//>`;
}
