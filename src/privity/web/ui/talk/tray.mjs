/** What lies in the composer and was not sent yet: files, with a look at pictures. */
import { html, signal, useEffect, useMemo } from '../html.mjs';
import { size, t } from '../i18n.mjs';
import { IconButton } from '../parts/button.mjs';
import { Switch } from '../parts/field.mjs';
import { Icon } from '../parts/icon.mjs';
import { Name, calm } from '../parts/name.mjs';
import { focusComposer } from './talk_state.mjs';

/** Whether pictures are sent with what their metadata tells; asked for each time anew. */
export const asIs = signal(false);

/** Types from which the client removes metadata. */
const CLEANED = new Set(['image/jpeg', 'image/png', 'image/webp']);

/** @param {{talk: import('./talk_state.mjs').TalkState}} props */
export function Tray({ talk }) {
  const files = talk.files.value;
  const empty = files.length === 0;
  useEffect(() => {
    if (empty) asIs.value = false;
  }, [empty]);
  if (empty) return null;
  const remove = (/** @type {number} */ id) => {
    talk.files.value = talk.files.value.filter((one) => one.id !== id);
    if (!talk.files.value.length) focusComposer();
  };
  const pictures = files.some((one) => CLEANED.has(one.file.type));
  return html`<div class="tray">
    <ul aria-label=${t('tray.files')}>
      ${files.map((one) => html`<${Chosen} key=${one.id} file=${one.file} onRemove=${() => remove(one.id)} />`)}
    </ul>
    ${pictures &&
    html`<${Switch}
      label=${t('tray.clean')}
      hint=${asIs.value ? t('tray.as_is_why') : t('tray.clean_why')}
      on=${!asIs.value}
      onChange=${(/** @type {boolean} */ on) => (asIs.value = !on)}
    />`}
  </div>`;
}

/** @param {{file: File, onRemove: () => void}} props */
function Chosen({ file, onRemove }) {
  const picture = useMemo(() => (CLEANED.has(file.type) ? URL.createObjectURL(file) : ''), [file]);
  useEffect(() => () => URL.revokeObjectURL(picture), [picture]);
  return html`<li class="chosen">
    ${picture ? html`<img src=${picture} alt="" />` : html`<${Icon} name="file" />`}
    <span class="file-words"><${Name} text=${file.name} /><span class="sub">${size(file.size)}</span></span>
    <${IconButton} icon="close" class="small" label=${t('tray.remove', { name: calm(file.name) })} onClick=${onRemove} />
  </li>`;
}
