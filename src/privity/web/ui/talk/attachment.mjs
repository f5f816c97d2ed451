/** The file of a message: what it is called, how large it is, and a way to get it. */
import { html, signal } from '../html.mjs';
import { size, t } from '../i18n.mjs';
import { IconButton } from '../parts/button.mjs';
import { Icon } from '../parts/icon.mjs';
import { FileName, calm } from '../parts/name.mjs';
import { toast, toastFailure } from '../parts/toast.mjs';
import { fetchMedia, saveAs } from '../transfer.mjs';

/** @typedef {import('../types.mjs').Message} Message */

/** Messages whose file is on its way. */
const under = signal(/** @type {ReadonlySet<string>} */ (new Set()));

/** @param {{message: Message, why?: string}} props `why` it is not shown as what it says */
export function Attachment({ message, why = '' }) {
  const { file } = message;
  if (!file) return null;
  const busy = under.value.has(message.message);
  return html`<div class="file-card">
    <${Icon} name="file" />
    <span class="file-words">
      <${FileName} text=${file.name} />
      <span class="sub">${size(file.size)}</span>
      ${why && html`<span class="sub">${why}</span>`}
    </span>
    ${busy
      ? html`<span class="spinner" role="status" aria-label=${t('file.fetching')} />`
      : html`<${IconButton} icon="download" label=${t('file.save', { name: calm(file.name) })} onClick=${() => saveAttachment(message)} />`}
  </div>`;
}

/**
 * Fetch a message's file, and let the browser save it where downloads go.
 * @param {Message} message
 */
export async function saveAttachment(message) {
  if (!message.file || under.value.has(message.message)) return;
  under.value = new Set(under.value).add(message.message);
  try {
    const blob = await fetchMedia(message.chat, message.message);
    saveAs(blob, message.file.name);
    toast(t('file.saved'));
  } catch (error) {
    toastFailure(error);
  }
  under.value = new Set([...under.value].filter((one) => one !== message.message));
}
